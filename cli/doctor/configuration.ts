/**
 * The configuration that `acs doctor` checks, and where each value comes from.
 *
 * @module
 */

import { isContainerInstanceArn } from "../../protocol/arn.ts";
import { ecsEndpoint } from "../../session/discovery/ecs_endpoint.ts";
import { clusterToSend } from "../../session/identity_problem.ts";
import type { Environment } from "../../internal/environment.ts";

/** A value, and where it comes from. */
export interface Setting {
  /** The value. */
  readonly value: string;
  /** The flag, the variable, or a few words such as `the ARN`. */
  readonly source: string;
}

/** The flags of `acs doctor`. */
export interface DoctorFlags {
  readonly endpointUrl?: string;
  readonly region?: string;
  readonly cluster?: string;
  readonly containerInstanceArn?: string;
  readonly fips: boolean;
  readonly dualstack: boolean;
  readonly allowInsecureEndpoint: boolean;
}

/** What an agent would be started with. */
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

/** The variables that each flag may come from, the first that is not empty. */
export const VARIABLES = {
  endpointUrl: ["AWS_ENDPOINT_URL_ECS", "AWS_ENDPOINT_URL"],
  region: ["AWS_REGION", "AWS_DEFAULT_REGION"],
  cluster: ["ECS_CLUSTER"],
  containerInstanceArn: ["ACS_CONTAINER_INSTANCE_ARN"],
} as const;

const FLAG_NAMES: Readonly<Record<keyof typeof VARIABLES, string>> = {
  endpointUrl: "--endpoint-url",
  region: "--region",
  cluster: "--cluster",
  containerInstanceArn: "--container-instance-arn",
};

/** A flag or a variable has a value that cannot be used. */
export class ConfigurationError extends Error {
  /** Always `"ConfigurationError"`. */
  override readonly name = "ConfigurationError";
}

/**
 * Collects the configuration from flags and variables.
 *
 * @param flags The flags.
 * @param environment The variables.
 * @throws {ConfigurationError} If the container instance or the region is missing, or the URL of the
 * ECS API is not usable.
 */
export function resolveConfiguration(
  flags: DoctorFlags,
  environment: Environment,
): DoctorConfiguration {
  const setting = (name: keyof typeof VARIABLES): Setting | undefined => {
    // All are read, so that on Deno the permissions that are needed do not depend on the flags.
    const variables = VARIABLES[name].map((variable) => ({
      source: variable,
      value: environment[variable],
    }));
    const given = flags[name];
    if (given) return { value: given, source: FLAG_NAMES[name] };
    const set = variables.find(({ value }) => value);
    return set?.value ? { value: set.value, source: set.source } : undefined;
  };
  const containerInstanceArn = setting("containerInstanceArn");
  if (containerInstanceArn === undefined) {
    throw new ConfigurationError(
      "the container instance is missing: give --container-instance-arn, or set" +
        " ACS_CONTAINER_INSTANCE_ARN",
    );
  }
  const region = setting("region") ?? regionOf(containerInstanceArn.value);
  if (region === undefined || !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(region.value)) {
    throw new ConfigurationError(
      `${region?.source ?? "--region"} must be the name of a region, such as us-west-2`,
    );
  }
  const endpoint = setting("endpointUrl");
  if (endpoint !== undefined && !isPlainHttpUrl(endpoint.value)) {
    // Not quoted: it may hold a password.
    throw new ConfigurationError(
      `${endpoint.source} must be an http: or https: URL without user name, password or query`,
    );
  }
  const given = setting("cluster");
  const cluster = clusterToSend({
    region: region.value,
    cluster: given?.value,
    containerInstanceArn: containerInstanceArn.value,
  });
  return {
    region,
    cluster: given ?? { value: cluster, source: cluster === "default" ? "default" : "the ARN" },
    containerInstanceArn,
    ecsUrl: endpoint ?? { value: regionalUrl(region.value, flags), source: "the region" },
    allowInsecureEndpoint: flags.allowInsecureEndpoint,
  };
}

function regionOf(arn: string): Setting | undefined {
  const value = isContainerInstanceArn(arn) ? arn.split(":")[3] : undefined;
  return value ? { value, source: "the ARN" } : undefined;
}

function regionalUrl(region: string, { fips, dualstack }: DoctorFlags): string {
  return ecsEndpoint(region, { useFipsEndpoint: fips, useDualstackEndpoint: dualstack });
}

function isPlainHttpUrl(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url !== undefined && /^https?:$/.test(url.protocol) &&
    `${url.username}${url.password}${url.search}${url.hash}` === "";
}
