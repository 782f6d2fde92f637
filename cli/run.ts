/**
 * `acs run`: a dry-run agent on the real protocol.
 *
 * @module
 */

import process from "node:process";
import { Command, Option } from "commander";
import { clusterName } from "../protocol/arn.ts";
import { ecsEndpoint } from "../session/discovery/ecs_endpoint.ts";
import { parseDuration } from "./duration.ts";
import { UsageError } from "./exit.ts";
import { addHelpSections } from "./help.ts";
import { type Environment, logLevelOption, parseText, parseWholeNumber } from "./flags.ts";
import type { RunFlags } from "./run_agent.ts";
import {
  isPlainHttpUrl,
  parseContainerInstanceArn,
  resolveRunSettings,
  type RunSettings,
} from "./run_settings.ts";
import { Screen } from "./screen.ts";
import { addConnectionFlags, addIdentityFlags } from "./setting_flags.ts";
import { colorOption, noColorOption } from "./terminal.ts";
import { VERSION } from "./version.ts";
import { wrapText } from "./wrap_text.ts";

/**
 * The command.
 *
 * @param setExitCode Called with the exit code.
 * @param environment The source of flags that are not given.
 */
export function runCommand(
  setExitCode: (code: number) => void,
  environment: Environment,
): Command {
  const command = new Command("run")
    .summary("connect as a dry-run agent")
    .description(
      "Connect as a dry-run agent: it acknowledges tasks as an agent does, and starts nothing.\n" +
        "AWS credentials come from the environment, shared files, or the roles of ECS and EC2.",
    );
  addIdentityFlags(command)
    .addOption(
      new Option("--agent-version <version>", "agent version to report").default(VERSION)
        .argParser(parseText),
    )
    .addOption(
      new Option("--agent-hash <hash>", "agent commit hash to report").default("unknown")
        .argParser(parseText),
    )
    .addOption(
      new Option("--docker-version <version>", "Docker version to report, or containerd")
        .argParser(parseText),
    );
  addConnectionFlags(command)
    .optionsGroup("When to end:")
    .addOption(
      new Option("--until <what>", "exit with 0 as soon as this has happened").choices([
        "connected",
      ]),
    )
    .addOption(
      new Option("--within <duration>", "exit with 1 if it has not happened by then, such as 30s")
        .argParser(parseDuration),
    )
    .optionsGroup("Monitoring:")
    .addOption(
      new Option(
        "--metrics-port <port>",
        "serve /metrics (Prometheus), /healthz and /readyz on this port, 0 for a free one",
      ).argParser(parseWholeNumber(0, 65_535)),
    )
    .option("--metrics-host <address>", "address for --metrics-port", "127.0.0.1")
    .optionsGroup("Output:")
    .addOption(
      new Option("--format <format>", "output on stdout").choices(["text", "json"]).default("text"),
    )
    .addOption(colorOption())
    .addOption(noColorOption())
    .option("--no-status", "do not show the status line")
    .option("--relative", "show seconds since the start instead of the time of day", false)
    .addOption(logLevelOption())
    .action(async (flags: RunFlags) => setExitCode(await run(flags, environment)));
  return addHelpSections(command, {
    examples: [
      'npx @acs/session run --container-instance-arn "$ARN"',
      "npx @acs/session run --until connected --within 30s",
      "npx @acs/session run --format json --metrics-port 9090",
    ],
    exitCodes: {
      "0": "it was connected before it was stopped",
      "1": "it was never connected",
      "2": "wrong flags or variables",
      "130, 143": "ended immediately by a second SIGINT or SIGTERM",
    },
    variables: {
      "AWS_PROFILE, AWS_ACCESS_KEY_ID, …": "credentials, as for every AWS SDK",
      "HTTPS_PROXY, NO_PROXY": "proxy; Node needs NODE_USE_ENV_PROXY=1 too",
    },
  });
}

async function run(flags: RunFlags, environment: Environment): Promise<number> {
  if (flags.within !== undefined && flags.until === undefined) {
    throw new UsageError("--within needs --until connected");
  }
  const settings = resolveRunSettings(flags, environment);
  const isSet = (name: string) => environment[name] === "true";
  const useFipsEndpoint = flags.fips ?? isSet("AWS_USE_FIPS_ENDPOINT");
  const useDualstackEndpoint = flags.dualstack ?? isSet("AWS_USE_DUALSTACK_ENDPOINT");
  const ecsUrl = settings.endpoint?.value ??
    ecsEndpoint(settings.region.value, { useFipsEndpoint, useDualstackEndpoint });
  if (!isPlainHttpUrl(ecsUrl)) {
    // The value is not quoted, since it may contain a password.
    const text = "must be an http: or https: URL without user name, password or query";
    throw new UsageError(`${settings.endpoint?.source} ${text}`);
  }
  const { color, status } = flags;
  const screen = new Screen({ stdout: process.stdout, stderr: process.stderr, color, status });
  const start = new Date();
  if (flags.format === "text") screen.print(header(settings, ecsUrl, screen));
  // Loading the session takes a moment, and this gives the user something to read meanwhile.
  const { runAgent } = await import("./run_agent.ts");
  return await runAgent({
    settings,
    ecsUrl,
    useFipsEndpoint,
    useDualstackEndpoint,
    flags,
    screen,
    start,
  });
}

/** The first output: the agent's identity, the endpoints, and the source of each value. */
function header(settings: RunSettings, ecsUrl: string, { out }: Screen): string {
  const { region, cluster, containerInstanceArn, endpoint } = settings;
  const { id = "" } = parseContainerInstanceArn(containerInstanceArn.value) ?? {};
  const title = `acs run ${VERSION}`;
  const rest = ": a dry-run agent. It acknowledges tasks and starts nothing.";
  const row = (label: string, ...values: readonly (readonly [string, string])[]): string => {
    const text = values.map(([value, source]) => `${value} (${source})`).join(" in ");
    const lines = wrapText(text, out.columns, `  ${label.padEnd(10)}`);
    return lines.join("\n").replace(/\([^()]+\)/g, (source) => out.paint("dim", source));
  };
  return [
    wrapText(title + rest, out.columns).join("\n").replace(title, out.paint("bold", title)),
    row("instance", [id, containerInstanceArn.source]),
    row(
      "cluster",
      [clusterName(cluster.value), cluster.source],
      [region.value, region.source],
    ),
    row("ECS", [new URL(ecsUrl).origin, endpoint?.source ?? "default of the region"]),
    "",
  ].join("\n");
}
