/**
 * `acs doctor`: finds out why an agent does not connect.
 *
 * @module
 */

import process from "node:process";
import { Command, InvalidArgumentError, Option } from "commander";
import type { Environment } from "../internal/environment.ts";
import { createChecks } from "./doctor/checks.ts";
import { runtimeName } from "./doctor/checks/check_runtime.ts";
import {
  ConfigurationError,
  type DoctorConfiguration,
  type DoctorFlags,
  resolveConfiguration,
  VARIABLES,
} from "./doctor/configuration.ts";
import { formatJsonReport } from "./doctor/json_report.ts";
import { runChecks } from "./doctor/run_checks.ts";
import { targetOf } from "./doctor/target.ts";
import {
  CheckLines,
  formatConfiguration,
  formatVerdict,
  type ReportStyle,
} from "./doctor/text_report.ts";
import { askMetadataDirectly } from "./direct_metadata.ts";
import { EXIT_FAILURE, exitOnClosedOutput } from "./exit.ts";
import { loadCredentialsProvider } from "./provider_chain.ts";
import { VERSION } from "./version.ts";
import { textWidth } from "./wrap_text.ts";

/** The flags. */
interface Flags extends DoctorFlags {
  readonly connect: boolean;
  readonly timeout: number;
  readonly format: "text" | "json";
}

/**
 * The command.
 *
 * @param setExitCode Called with the exit code.
 * @param environment Where flags that are not given may come from.
 */
export function doctorCommand(
  setExitCode: (code: number) => void,
  environment: Environment,
): Command {
  const option = (flags: string, description: string, variables: readonly string[]) =>
    new Option(flags, `${description} (env: ${variables.join(", ")})`);
  return new Command("doctor")
    .description(
      "Check why an agent does not connect: credentials, name, TCP, TLS, proxy, clock, ECS and ACS.\n" +
        "It only reads; --connect opens a session, too. Exit code 0 if an agent should connect, 1 if not.",
    )
    .addOption(
      option(
        "--container-instance-arn <arn>",
        "ARN of the container instance",
        VARIABLES.containerInstanceArn,
      ),
    )
    .addOption(option("--region <region>", "region, by default that of the ARN", VARIABLES.region))
    .addOption(
      option(
        "--cluster <name>",
        "name or ARN of the cluster, by default that of the ARN",
        VARIABLES.cluster,
      ),
    )
    .addOption(
      option(
        "--endpoint-url <url>",
        "URL of the ECS API, instead of the region's",
        VARIABLES.endpointUrl,
      ),
    )
    .option("--fips", "use the FIPS endpoint", environment["AWS_USE_FIPS_ENDPOINT"] === "true")
    .option(
      "--dualstack",
      "use the dual-stack endpoint",
      environment["AWS_USE_DUALSTACK_ENDPOINT"] === "true",
    )
    .option(
      "--allow-insecure-endpoint",
      "accept an ACS endpoint without TLS from an ECS API called over https",
      false,
    )
    .option(
      "--connect",
      "hold a session until the first message, for 75 s at most; it displaces a running agent's",
      false,
    )
    .addOption(
      new Option("--timeout <seconds>", "longest time for one check, in seconds").default(10)
        .argParser(parseSeconds),
    )
    .addOption(
      new Option("--format <format>", "output on stdout").choices(["text", "json"]).default("text"),
    )
    .action(async (flags: Flags, command: Command) => {
      setExitCode(await doctor(flags, configure(flags, environment, command)));
    });
}

/** The longest time limit, in seconds. */
const MAX_SECONDS = 3_600;

function parseSeconds(value: string): number {
  const seconds = /^\d+(\.\d+)?s?$/.test(value) ? parseFloat(value) : NaN;
  if (seconds > 0 && seconds <= MAX_SECONDS) return seconds;
  throw new InvalidArgumentError(`It must be a number of seconds, at most ${MAX_SECONDS}.`);
}

function configure(flags: Flags, environment: Environment, command: Command): DoctorConfiguration {
  try {
    return resolveConfiguration(flags, environment);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return command.error(`error: ${error.message}`);
  }
}

async function doctor(flags: Flags, configuration: DoctorConfiguration): Promise<number> {
  exitOnClosedOutput();
  askMetadataDirectly();
  const print = (text: string) => void process.stdout.write(`${text}\n`);
  const time = new Date();
  const ecs = targetOf(configuration.ecsUrl.value);
  const checks = createChecks({
    loadCredentials: loadCredentialsProvider,
    ecs,
    connect: flags.connect,
    version: VERSION,
  });
  const context = { configuration, timeoutMs: flags.timeout * 1000 };
  if (flags.format === "json") {
    const results = await runChecks(checks, context);
    const runtime = runtimeName();
    print(formatJsonReport(results, { version: VERSION, runtime, time, configuration, ecs }));
    return exitCodeOf(results);
  }
  const style = plainStyle();
  const title = `acs doctor ${VERSION}, ${runtimeName()}, ${process.platform} ${process.arch}`;
  print(formatConfiguration(title, configuration, ecs, style));
  const lines = new CheckLines(style, print);
  const results = await runChecks(checks, context, (result) => lines.add(result));
  lines.flush();
  print(formatVerdict(results, style));
  return exitCodeOf(results);
}

function exitCodeOf(results: readonly { readonly status: string }[]): number {
  return results.some(({ status }) => status === "failed") ? EXIT_FAILURE : 0;
}

function plainStyle(): ReportStyle {
  return {
    columns: Math.min(textWidth(), 80),
    signs: { passed: "ok", failed: "FAIL", warning: "warn", skipped: "-" },
    paint: (_color, text) => text,
  };
}
