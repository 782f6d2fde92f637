/**
 * The configuration that `acs doctor` checks, and the source of each value.
 *
 * @module
 */

import { ecsLocation, isContainerInstanceArn } from "../../protocol/arn.ts";
import { ecsEndpoint } from "../../session/discovery/ecs_endpoint.ts";
import { clusterToSend } from "../../session/identity_problem.ts";
import type { Environment } from "../../internal/environment.ts";
import { UsageError } from "../exit.ts";
import { findSetting, isPlainHttpUrl, type Setting, type SettingFlags } from "../run_settings.ts";

/** The flags of `acs doctor`. */
export interface DoctorFlags extends SettingFlags {
  readonly fips?: boolean;
  readonly dualstack?: boolean;
  readonly allowInsecureEndpoint: boolean;
}

/** The configuration with which an agent would be started. */
export interface DoctorConfiguration {
  /** The region. */
  readonly region: Setting;
  /** The cluster that is sent. */
  readonly cluster: Setting;
  /** The container instance's ARN. */
  readonly containerInstanceArn: Setting;
  /** The URL of the ECS API. */
  readonly ecsUrl: Setting;
  /** See `SessionOptions.allowInsecureEndpoint`. */
  readonly allowInsecureEndpoint: boolean;
}

/**
 * Collects the configuration from flags and variables.
 *
 * @param flags The flags.
 * @param environment The environment variables.
 * @throws {UsageError} If the container instance or the region is missing, or the URL of the
 * ECS API is not usable.
 */
export function resolveConfiguration(
  flags: DoctorFlags,
  environment: Environment,
): DoctorConfiguration {
  const setting = (name: Parameters<typeof findSetting>[0]) =>
    findSetting(name, flags, environment);
  const containerInstanceArn = setting("containerInstanceArn");
  if (containerInstanceArn === undefined) {
    throw new UsageError(
      "the container instance is missing: give --container-instance-arn, or set" +
        " ACS_CONTAINER_INSTANCE_ARN",
    );
  }
  const region = setting("region") ?? regionOf(containerInstanceArn.value);
  if (region === undefined || !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(region.value)) {
    throw new UsageError(
      `${region?.source ?? "--region"} must be the name of a region, such as us-west-2`,
    );
  }
  const endpoint = setting("endpointUrl");
  if (endpoint !== undefined && !isPlainHttpUrl(endpoint.value)) {
    // Not quoted: it may contain a password.
    throw new UsageError(
      `${endpoint.source} must be an http: or https: URL without user name, password or query`,
    );
  }
  const given = setting("cluster");
  const { value: arn } = containerInstanceArn;
  const cluster = clusterToSend({
    region: region.value,
    cluster: given?.value,
    containerInstanceArn: arn,
  });
  return {
    region,
    cluster: given ?? { value: cluster, source: namesCluster(arn) ? "the ARN" : "default" },
    containerInstanceArn,
    ecsUrl: endpoint ??
      { value: regionalUrl(region.value, flags, environment), source: "the region" },
    allowInsecureEndpoint: flags.allowInsecureEndpoint,
  };
}

function namesCluster(arn: string): boolean {
  return isContainerInstanceArn(arn) && ecsLocation(arn).cluster !== undefined;
}

function regionOf(arn: string): Setting | undefined {
  const value = isContainerInstanceArn(arn) ? arn.split(":")[3] : undefined;
  return value ? { value, source: "the ARN" } : undefined;
}

function regionalUrl(region: string, flags: DoctorFlags, environment: Environment): string {
  const isSet = (name: string) => environment[name] === "true";
  return ecsEndpoint(region, {
    useFipsEndpoint: flags.fips ?? isSet("AWS_USE_FIPS_ENDPOINT"),
    useDualstackEndpoint: flags.dualstack ?? isSet("AWS_USE_DUALSTACK_ENDPOINT"),
  });
}
