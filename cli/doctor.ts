/**
 * `acs doctor`: finds out why an agent does not connect.
 *
 * @module
 */

import process from "node:process";
import { Command, Option } from "commander";
import type { Environment } from "../internal/environment.ts";
import type { Check } from "./doctor/check.ts";
import { createChecks } from "./doctor/checks.ts";
import { runtimeName } from "./doctor/checks/check_runtime.ts";
import {
  type DoctorConfiguration,
  type DoctorFlags,
  resolveConfiguration,
} from "./doctor/configuration.ts";
import { formatJsonReport } from "./doctor/json_report.ts";
import { runChecks } from "./doctor/run_checks.ts";
import { targetOf } from "./doctor/target.ts";
import {
  CheckLines,
  formatConfiguration,
  formatVerdict,
  reportStyle,
} from "./doctor/text_report.ts";
import { askMetadataDirectly } from "./direct_metadata.ts";
import { formatDuration, parseDuration } from "./duration.ts";
import { EXIT_FAILURE, exitOnClosedOutput } from "./exit.ts";
import { addHelpSections } from "./help.ts";
import { loadCredentialsProvider } from "./provider_chain.ts";
import { addConnectionFlags, addIdentityFlags } from "./setting_flags.ts";
import { Screen } from "./screen.ts";
import { type ColorChoice, colorOption } from "./terminal.ts";
import { VERSION } from "./version.ts";

/** The flags. */
interface Flags extends DoctorFlags {
  readonly connect: boolean;
  readonly timeout: number;
  readonly format: "text" | "json";
  readonly color: ColorChoice;
}

/**
 * The command.
 *
 * @param setExitCode Called with the exit code.
 * @param environment The source of flags that are not given.
 */
export function doctorCommand(
  setExitCode: (code: number) => void,
  environment: Environment,
): Command {
  const command = new Command("doctor")
    .summary("find out why an agent does not connect")
    .description(
      "Check each step of an agent's connection: credentials, name, TCP, TLS, ECS, clock, ACS.\n" +
        "It changes nothing; with --connect, it may displace a running agent.",
    );
  addConnectionFlags(addIdentityFlags(command))
    .optionsGroup("Checks:")
    .option(
      "--connect",
      "open a session until the first message, for at most 75 s; may displace a running agent",
      false,
    )
    .addOption(
      new Option("--timeout <duration>", "time limit of one check, such as 3s")
        .default(10_000, "10s").argParser(parseDuration),
    )
    .optionsGroup("Output:")
    .addOption(
      new Option("--format <format>", "output on stdout").choices(["text", "json"]).default("text"),
    )
    .addOption(colorOption())
    .action(async (flags: Flags) => {
      setExitCode(await doctor(flags, resolveConfiguration(flags, environment)));
    });
  return addHelpSections(command, {
    examples: [
      'acs doctor --container-instance-arn "$ARN"',
      'acs doctor --container-instance-arn "$ARN" --format json',
    ],
    exitCodes: {
      "0": "no check failed: an agent should connect",
      "1": "a check failed",
      "2": "wrong flags or variables",
    },
  });
}

async function doctor(flags: Flags, configuration: DoctorConfiguration): Promise<number> {
  exitOnClosedOutput();
  askMetadataDirectly();
  const time = new Date();
  const ecs = targetOf(configuration.ecsUrl.value);
  const checks = createChecks({
    loadCredentials: loadCredentialsProvider,
    ecs,
    connect: flags.connect,
    version: VERSION,
  });
  const context = { configuration, timeoutMs: flags.timeout };
  const screen = new Screen({ color: flags.color });
  const progress = new CheckProgress();
  screen.showStatus(() => progress.lines(screen.err.signs.waiting));
  try {
    if (flags.format === "json") {
      const results = await runChecks(checks, context, progress);
      const runtime = runtimeName();
      screen.print(
        formatJsonReport(results, { version: VERSION, runtime, time, configuration, ecs }),
      );
      return exitCodeOf(results);
    }
    const style = reportStyle(screen.out);
    const title = `acs doctor ${VERSION}, ${runtimeName()}, ${process.platform} ${process.arch}`;
    screen.print(formatConfiguration(title, configuration, ecs, style));
    const lines = new CheckLines(style, (text) => screen.print(text));
    const results = await runChecks(checks, context, {
      started: (check) => progress.started(check),
      finished: (result) => lines.add(result),
    });
    lines.flush();
    screen.print(formatVerdict(results, style));
    return exitCodeOf(results);
  } finally {
    screen.close();
  }
}

/** What is being checked, for the status line. */
class CheckProgress {
  #name: string | undefined;
  #startedAt = 0;

  /** A check begins. */
  started({ name }: Check): void {
    this.#name = name;
    this.#startedAt = performance.now();
  }

  /** The status. */
  lines(sign: string): string[] {
    if (this.#name === undefined) return [];
    const elapsedMs = performance.now() - this.#startedAt;
    return [`${sign} checking ${this.#name} for ${formatDuration(elapsedMs)}`];
  }
}

function exitCodeOf(results: readonly { readonly status: string }[]): number {
  return results.some(({ status }) => status === "failed") ? EXIT_FAILURE : 0;
}
