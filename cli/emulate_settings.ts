/**
 * The emulator's options, from the flags of `acs emulate`, the environment and a scenario's head.
 *
 * @module
 */

import process from "node:process";
import { clusterArn, ecsLocation } from "../protocol/arn.ts";
import type { EmulatorOptions } from "../emulator/emulator_options.ts";
import { parsePublicUrl, PUBLIC_URL_RULE } from "../emulator/http/public_url.ts";
import { type EmulatorCredentials, EXAMPLE_CREDENTIALS } from "../emulator/emulator_credentials.ts";
import { SAMPLE_CLUSTER_ARN } from "../emulator/samples/samples.ts";
import type { ScenarioEmulatorOptions } from "../emulator/scenario/scenario.ts";
import { CONTROL_TOKEN_VARIABLE, DEFAULT_REGION, type EmulateFlags } from "./emulate_flags.ts";

/**
 * The emulator's options: those of the flags, else those of the scenario.
 *
 * @param flags The flags.
 * @param scenario The options in the scenario's head.
 * @throws {Error} If the credentials should come from the environment and are missing, or if a URL
 * is invalid.
 */
export function emulatorOptions(
  flags: EmulateFlags,
  scenario: ScenarioEmulatorOptions = {},
): Omit<EmulatorOptions, "port"> & {
  readonly hostname: string;
  readonly region: string;
  readonly credentials: EmulatorCredentials;
} {
  const region = flags.region ?? scenario.region ?? DEFAULT_REGION;
  const { publicUrl, cluster, containerInstance, heartbeat, exceptionForm, seed, state } = flags;
  if (publicUrl !== undefined && parsePublicUrl(publicUrl) === undefined) {
    // The value is not quoted, since it may contain a password.
    throw new Error(`--public-url ${PUBLIC_URL_RULE}`);
  }
  const controlToken = flags.controlToken ?? process.env[CONTROL_TOKEN_VARIABLE];
  return {
    credentials: EXAMPLE_CREDENTIALS,
    ...scenario,
    ...(flags.credentials === "env" && { credentials: credentialsOfEnvironment() }),
    hostname: flags.hostname,
    ...(publicUrl !== undefined && { publicUrl }),
    region,
    ...(cluster !== undefined && { clusterArn: clusterArn(cluster, sampleAccount(region)) }),
    ...(containerInstance !== undefined && { containerInstances: containerInstance }),
    ...(flags.verbose && { recordTelemetry: true }),
    ...(heartbeat !== undefined && { heartbeatIntervalMs: heartbeat }),
    ...(exceptionForm !== undefined && { exceptionForm }),
    ...(controlToken && { controlToken }),
    ...(flags.requireRegistration && { requireRegistration: true }),
    ...(flags.clockSkew !== undefined && { clockSkewMs: flags.clockSkew }),
    ...(seed !== undefined && { seed }),
    ...(state !== undefined && { stateFile: state }),
  };
}

/** A cluster that is given by its name is in the account of all samples. */
function sampleAccount(region: string): string {
  return ecsLocation(SAMPLE_CLUSTER_ARN).account.replace(DEFAULT_REGION, region);
}

function credentialsOfEnvironment(): EmulatorCredentials {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = process.env;
  if (!AWS_ACCESS_KEY_ID || !AWS_SECRET_ACCESS_KEY) {
    throw new Error(
      "--credentials env needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment",
    );
  }
  return {
    accessKeyId: AWS_ACCESS_KEY_ID,
    secretAccessKey: AWS_SECRET_ACCESS_KEY,
    ...(AWS_SESSION_TOKEN && { sessionToken: AWS_SESSION_TOKEN }),
  };
}
