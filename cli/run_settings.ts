/**
 * An agent's identity and where it connects: from flags, the environment and the container
 * instance's ARN, checked against each other before anything is sent.
 *
 * @module
 */

import { clusterName, ecsLocation, isArn, isContainerInstanceArn } from "../protocol/arn.ts";
import { UsageError } from "./exit.ts";
import type { Environment } from "./flags.ts";

/** A value and its source. */
export interface Setting {
  /** The value. */
  readonly value: string;
  /** The flag, the variable, or other words. */
  readonly source: string;
}

/** The flags that settings come from. */
export interface SettingFlags {
  readonly region?: string | undefined;
  readonly cluster?: string | undefined;
  readonly containerInstanceArn?: string | undefined;
  readonly endpointUrl?: string | undefined;
}

/** An agent's identity and where it connects. */
export interface RunSettings {
  /** The region. */
  readonly region: Setting;
  /** The cluster's name or ARN. */
  readonly cluster: Setting;
  /** The container instance's ARN. */
  readonly containerInstanceArn: Setting;
  /** The URL of the ECS API; if missing, the region's own. */
  readonly endpoint: Setting | undefined;
}

/** The variables for each setting; the first that is not empty is used. */
export const SETTING_VARIABLES = {
  region: ["AWS_REGION", "AWS_DEFAULT_REGION"],
  cluster: ["ECS_CLUSTER"],
  containerInstanceArn: ["ACS_CONTAINER_INSTANCE_ARN"],
  endpointUrl: ["AWS_ENDPOINT_URL_ECS", "AWS_ENDPOINT_URL"],
} as const;

const FLAGS = {
  region: "--region",
  cluster: "--cluster",
  containerInstanceArn: "--container-instance-arn",
  endpointUrl: "--endpoint-url",
} as const;

/** The ARN of a container instance, in parts. */
export interface ContainerInstanceArn {
  /** The region. */
  readonly region: string;
  /** The cluster's name; `undefined` in an ARN of the old form, which has none. */
  readonly cluster: string | undefined;
  /** The last part. */
  readonly id: string;
}

const EXAMPLE_ARN =
  "arn:aws:ecs:us-west-2:123456789012:container-instance/default/0123456789abcdef";

/**
 * Splits the ARN of a container instance, in its new form (with the cluster) or the old one.
 *
 * @returns Its parts; `undefined` if it is not the ARN of a container instance.
 */
export function parseContainerInstanceArn(arn: string): ContainerInstanceArn | undefined {
  if (!isContainerInstanceArn(arn) || !/^[^/]+(?:\/[^/]+){1,2}$/.test(arn)) return undefined;
  const { account, cluster } = ecsLocation(arn);
  return { region: account.split(":")[3] ?? "", cluster, id: arn.split("/").at(-1) ?? "" };
}

/**
 * Determines the settings and checks that they are consistent.
 *
 * @param flags The flags of the command line.
 * @param environment The environment variables.
 * @throws {UsageError} If one is missing or contradicts another.
 */
export function resolveRunSettings(flags: SettingFlags, environment: Environment): RunSettings {
  const arn = findSetting("containerInstanceArn", flags, environment);
  if (arn === undefined) {
    throw usage(
      "the container instance is missing: give --container-instance-arn, or set " +
        "ACS_CONTAINER_INSTANCE_ARN",
    );
  }
  const parts = parseContainerInstanceArn(arn.value);
  if (parts === undefined) {
    const kind = isArn(arn.value) ? "the ARN of a container instance" : "an ARN";
    throw usage(`${arn.source} must be ${kind}, such as ${EXAMPLE_ARN}`);
  }
  const region = findSetting("region", flags, environment) ??
    { value: parts.region, source: "the ARN" };
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(region.value)) {
    throw usage(`${region.source} must be the name of a region, such as us-west-2`);
  }
  if (region.value !== parts.region) {
    throw usage(
      `the container instance is in ${parts.region}, as its ARN says, but ${region.source} is ` +
        `${region.value}: use --region ${parts.region}, or another ARN`,
    );
  }
  const cluster = findSetting("cluster", flags, environment) ??
    (parts.cluster === undefined
      ? { value: "default", source: "default" }
      : { value: parts.cluster, source: "the ARN" });
  const name = clusterName(cluster.value);
  if (parts.cluster !== undefined && name !== parts.cluster) {
    throw usage(
      `the container instance belongs to the cluster ${parts.cluster}, as its ARN says, but ` +
        `${cluster.source} is ${name}: leave it out, or use another ARN`,
    );
  }
  return {
    region,
    cluster,
    containerInstanceArn: arn,
    endpoint: findSetting("endpointUrl", flags, environment),
  };
}

/**
 * Finds a setting in flags and variables; a flag comes first.
 *
 * @param name The setting.
 * @param flags The values from the command line.
 * @param environment The environment variables.
 * @returns `undefined` if neither gives it a value.
 */
export function findSetting(
  name: keyof typeof SETTING_VARIABLES,
  flags: SettingFlags,
  environment: Environment,
): Setting | undefined {
  // All are read, so that on Deno the permissions that are needed do not depend on the flags.
  const variables = SETTING_VARIABLES[name].map((variable) => [variable, environment[variable]]);
  const given = flags[name];
  if (given) return { value: given, source: FLAGS[name] };
  const [source, value] = variables.find(([, value]) => value) ?? [];
  return source && value ? { value, source } : undefined;
}

function usage(message: string): UsageError {
  return new UsageError(message);
}

/** Whether a text is an `http:` or `https:` URL without user name, password, query or fragment. */
export function isPlainHttpUrl(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url !== undefined && /^https?:$/.test(url.protocol) &&
    `${url.username}${url.password}${url.search}${url.hash}` === "";
}
