/**
 * Runs the checks of `acs doctor` and reports their results.
 *
 * @module
 */

import process from "node:process";
import type { Environment } from "../internal/environment.ts";
import { askMetadataDirectly } from "./direct_metadata.ts";
import type { Check } from "./doctor/check.ts";
import { createChecks } from "./doctor/checks.ts";
import { runtimeName } from "./doctor/checks/check_runtime.ts";
import { type DoctorFlags, resolveConfiguration } from "./doctor/configuration.ts";
import { formatJsonReport } from "./doctor/json_report.ts";
import { runChecks } from "./doctor/run_checks.ts";
import { targetOf } from "./doctor/target.ts";
import {
  CheckLines,
  formatConfiguration,
  formatVerdict,
  reportStyle,
} from "./doctor/text_report.ts";
import { formatDuration } from "./duration.ts";
import { EXIT_FAILURE } from "./exit.ts";
import { loadCredentialsProvider } from "./provider_chain.ts";
import { Screen } from "./screen.ts";
import type { ColorChoice } from "./terminal.ts";
import { VERSION } from "./version.ts";

/** The flags of `acs doctor`. */
export interface DoctorCommandFlags extends DoctorFlags {
  readonly connect: boolean;
  readonly timeout: number;
  readonly format: "text" | "json";
  readonly color: ColorChoice;
  readonly verbose: boolean;
}

/**
 * Runs each check and reports its result.
 *
 * @param flags The command's flags.
 * @param environment The source of flags that are not given.
 * @returns The exit code: 0 if no check failed, else 1.
 * @throws {UsageError} If the configuration is invalid.
 */
export async function runDoctor(
  flags: DoctorCommandFlags,
  environment: Environment,
): Promise<number> {
  const configuration = resolveConfiguration(flags, environment);
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
    const style = reportStyle(screen.out, flags.verbose);
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

/** The running check, for the status line. */
class CheckProgress {
  #name: string | undefined;
  #startedAt = 0;

  /** Records that a check has started. */
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
