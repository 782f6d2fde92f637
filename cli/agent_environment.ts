/**
 * The environment that points an agent of any kind at an emulator.
 *
 * @module
 */

import {
  agentVariables,
  type EmulatorTarget,
  exampleInstance,
  MISLEADING_VARIABLES,
} from "../emulator/agent_variables.ts";
import { EXAMPLE_CREDENTIALS } from "../emulator/emulator_credentials.ts";

/**
 * AWS variables that an agent may inherit: they affect neither where it connects nor its identity.
 * All others could, such as AWS_PROFILE, AWS_SESSION_TOKEN, AWS_ENDPOINT_URL_STS, AWS_CA_BUNDLE and
 * those that a newer SDK knows.
 */
const HARMLESS_AWS =
  /^AWS_(?:EC2_METADATA_.*|EXECUTION_ENV|MAX_ATTEMPTS|RETRY_MODE|SDK_UA_APP_ID)$/;

/** Variables that only the command itself needs, and those of ECS that would misdirect an agent. */
const NOT_INHERITED: readonly string[] = [
  "ACS_CONTROL_TOKEN",
  "ECS_AGENT_URI",
  "ECS_BACKEND_HOST",
  "ECS_CLUSTER",
  "ECS_CONTAINER_METADATA_URI",
  "ECS_CONTAINER_METADATA_URI_V4",
];

/**
 * The environment of an agent that the command itself starts.
 *
 * @param target The emulator to point at.
 * @param inherited The command's own environment.
 */
export function agentEnvironment(
  target: EmulatorTarget,
  inherited: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const kept = Object.entries(inherited).flatMap(([name, value]): [string, string][] =>
    value === undefined || !isInherited(name) ? [] : [[name, value]]
  );
  const noProxy = noProxyFor(target.url, inherited);
  return {
    // Without EC2, amazon-ecs-agent would wait for its metadata service.
    ECS_EXTERNAL: "true",
    ...Object.fromEntries(kept),
    NO_PROXY: noProxy,
    no_proxy: noProxy,
    ...agentVariables(target),
  };
}

/** Variable names are case-insensitive on Windows. */
function isInherited(name: string): boolean {
  const upper = name.toUpperCase();
  if (upper.startsWith("AWS_")) return HARMLESS_AWS.test(upper);
  return !NOT_INHERITED.includes(upper);
}

/**
 * The hosts that an agent reaches without any proxy: a proxy would look for the loopback address on
 * its own machine.
 */
function noProxyFor(
  url: string,
  { NO_PROXY, no_proxy }: Readonly<Record<string, string | undefined>>,
): string {
  const { hostname } = new URL(url);
  // Some clients expect an IPv6 address with brackets, some without.
  const own = [hostname, hostname.replace(/^\[(.*)\]$/, "$1"), "localhost", "127.0.0.1", "::1"];
  return [...new Set([NO_PROXY, no_proxy, ...own].filter((part) => part))].join(",");
}

/**
 * The variables of an agent that is started by hand, as shell commands. Keys are shown only if they
 * are AWS's documented example keys.
 *
 * @param target The emulator to point at.
 * @param columns Width of the terminal; lines are wrapped unless a word is longer.
 */
export function agentExports(target: EmulatorTarget, columns = Infinity): string[] {
  const { accessKeyId, secretAccessKey, sessionToken } = target.credentials;
  const isExample = secretAccessKey === EXAMPLE_CREDENTIALS.secretAccessKey;
  return [
    `unset ${MISLEADING_VARIABLES.join(" ")}`,
    `export AWS_ENDPOINT_URL_ECS=${target.url}`,
    `export AWS_REGION=${target.region} AWS_DEFAULT_REGION=${target.region}`,
    `export AWS_ACCESS_KEY_ID=${accessKeyId}`,
    `export AWS_SECRET_ACCESS_KEY=${isExample ? secretAccessKey : "…"}`,
    ...(sessionToken === undefined ? [] : ["export AWS_SESSION_TOKEN=…"]),
    ...(target.clusterArn === undefined ? [] : [`export ECS_CLUSTER=${target.clusterArn}`]),
    "export ECS_EXTERNAL=true   # for amazon-ecs-agent, outside of EC2",
    // Last, since it is long.
    ...exportArn(exampleInstance(target), columns),
  ];
}

/**
 * Exports the container instance's ARN, in one line if the terminal is wide enough, else in two.
 */
function exportArn(arn: string, columns: number): string[] {
  const line = `export ACS_CONTAINER_INSTANCE_ARN=${arn}`;
  if (line.length <= columns) return [line];
  const slash = arn.lastIndexOf("/");
  return [
    `arn=${arn.slice(0, slash)}`,
    `export ACS_CONTAINER_INSTANCE_ARN=$arn${arn.slice(slash)}`,
  ];
}

/**
 * Describes how to start an agent manually.
 *
 * @param target The emulator to point at.
 * @param columns Width of the terminal; lines are wrapped unless a word is longer.
 */
export function agentSetupHelp(target: EmulatorTarget, columns = Infinity): string {
  return `An agent of any kind needs these in its environment:

${agentExports(target, columns - 2).map((line) => `  ${line}`).join("\n")}

Then start it. The dry-run agent is: npx @acs/session run
`;
}
