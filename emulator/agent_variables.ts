/**
 * The environment variables that point an agent of any kind at an emulator.
 *
 * @module
 */

import { ecsLocation } from "../protocol/arn.ts";
import { type EmulatorCredentials, EXAMPLE_CREDENTIALS } from "./emulator_credentials.ts";
import { SAMPLE_CONTAINER_INSTANCE_ARN } from "./samples/samples.ts";

/** Where an emulator is and what it accepts. */
export interface EmulatorTarget {
  /** The URL of its ECS API. */
  readonly url: string;
  /** The region that agents sign for. */
  readonly region: string;
  /** The only cluster, as an ARN; `undefined` for any. */
  readonly clusterArn: string | undefined;
  /** The registered container instances; `undefined` for any. */
  readonly containerInstances: readonly string[] | undefined;
  /** The credentials that agents sign with. */
  readonly credentials: EmulatorCredentials;
}

/** Variables often set on developers' machines that would redirect an agent elsewhere. */
export const MISLEADING_VARIABLES: readonly string[] = [
  "AWS_PROFILE",
  "AWS_SESSION_TOKEN",
  "AWS_ENDPOINT_URL",
  "AWS_CA_BUNDLE",
];

/**
 * A container instance that the emulator accepts: the first registered one, or a sample if any is
 * accepted.
 */
export function exampleInstance(
  { containerInstances, clusterArn, region }: EmulatorTarget,
): string {
  const [registered] = containerInstances ?? [];
  if (registered !== undefined) return registered;
  const id = SAMPLE_CONTAINER_INSTANCE_ARN.split("/").at(-1);
  if (clusterArn !== undefined) {
    const { account, cluster } = ecsLocation(clusterArn);
    return `${account}:container-instance/${cluster}/${id}`;
  }
  return SAMPLE_CONTAINER_INSTANCE_ARN.replace("us-west-2", region);
}

/** All variables with their values, including the keys. */
export function agentVariables(target: EmulatorTarget): Record<string, string> {
  const { accessKeyId, secretAccessKey, sessionToken } = target.credentials;
  return {
    AWS_ENDPOINT_URL_ECS: target.url,
    AWS_REGION: target.region,
    AWS_DEFAULT_REGION: target.region,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    ...(sessionToken !== undefined && { AWS_SESSION_TOKEN: sessionToken }),
    ...(target.clusterArn !== undefined && { ECS_CLUSTER: target.clusterArn }),
    ACS_CONTAINER_INSTANCE_ARN: exampleInstance(target),
  };
}

/**
 * The variables that are safe to display: keys only if they are AWS's documented example keys.
 *
 * @returns The variables, and the names of those that were left out.
 */
export function publicAgentVariables(
  target: EmulatorTarget,
): { readonly variables: Readonly<Record<string, string>>; readonly secret: readonly string[] } {
  const all = Object.entries({ ECS_EXTERNAL: "true", ...agentVariables(target) });
  const isExample = target.credentials.secretAccessKey === EXAMPLE_CREDENTIALS.secretAccessKey;
  const isSecret = (name: string) =>
    name === "AWS_SESSION_TOKEN" || (name === "AWS_SECRET_ACCESS_KEY" && !isExample);
  return {
    variables: Object.fromEntries(all.filter(([name]) => !isSecret(name))),
    secret: all.map(([name]) => name).filter(isSecret),
  };
}

/** Replaces the unspecified address, which clients cannot connect to. */
export function reachableUrl(url: string): string {
  return url.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:");
}
