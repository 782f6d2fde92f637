/**
 * The output of `acs doctor` for each fault with which it is tested.
 *
 * @module
 */

import type { CheckResult } from "../../cli/doctor/check.ts";
import { ConnectError } from "../../errors.ts";
import { CheckLines, formatVerdict, type ReportStyle } from "../../cli/doctor/text_report.ts";
import {
  DIFFERENCES,
  examine,
  FAULTS,
  NO_HOST,
  withEmulator,
  withFault,
} from "../../tests/testing/doctor/doctor_scenes.ts";

/** Plain text of 80 columns, as in a pipe. */
const STYLE: ReportStyle = {
  columns: 80,
  signs: { passed: "ok", failed: "FAIL", warning: "warn", skipped: "-" },
  paint: (_color, text) => text,
};

/** Long enough for every fault except those that never answer, in ms. */
const TIMEOUT_MS = 1_000;

/**
 * Lets `acs doctor` examine each fault.
 *
 * @returns Its output, by the code that it finds; the first fault of each code.
 */
export async function doctorTranscripts(): Promise<Map<string, string>> {
  const transcripts = new Map<string, string>();
  const add = (code: string, results: readonly CheckResult[]) => {
    if (!transcripts.has(code)) transcripts.set(code, transcriptOf(results));
  };
  for (const { code, ...fault } of FAULTS) {
    await withFault(fault, async (url) => add(code, await examine(url, { timeoutMs: TIMEOUT_MS })));
  }
  for (const { code, emulator = {}, inject, doctor } of DIFFERENCES) {
    await withEmulator(emulator, async (running) => {
      inject?.(running);
      add(code, await examine(running.url, doctor));
    });
  }
  return transcripts;
}

/** The report without the parts that differ from run to run: ports, times, the runtime. */
function transcriptOf(results: readonly CheckResult[]): string {
  const stable = results
    .filter(({ id }) => id !== "runtime")
    .map((result) => withStableTexts({ ...result, ms: 0 }));
  const lines: string[] = [];
  const report = new CheckLines(STYLE, (line) => lines.push(line));
  for (const result of stable) report.add(result);
  report.flush();
  return [...lines, formatVerdict(stable, STYLE)].join("\n");
}

/** The machine's DNS server determines which of two codes a name without an address gets. */
const NOT_FOUND = new ConnectError("", { host: NO_HOST, systemCode: "ENOTFOUND" }).help;

function withStableTexts(result: CheckResult): CheckResult {
  const { detail, cause, fix } = result.code === "ACS-N01" && result.id === "ecs.dns"
    ? { ...result, ...NOT_FOUND }
    : result;
  return {
    ...result,
    detail: stable(detail),
    ...(cause !== undefined && { cause: stable(cause) }),
    ...(fix !== undefined && { fix: stable(fix) }),
  };
}

function stable(text: string): string {
  return text.replace(/(127\.0\.0\.1:|port )\d{4,5}\b/g, "$14570");
}
