/**
 * Runs translated tests with `node --test`.
 *
 * @module
 */

import { join } from "node:path";
import type { ReportedTest } from "./json_reporter.ts";
import type { NodeRuntime } from "./runtime.ts";
import { type Suite, translate, writeSuite } from "./suite.ts";

/** As many files at a time as a small machine has cores. */
const CONCURRENCY = 2;

/** The time limit of a test, or of a file of tests, in ms. */
const TEST_TIMEOUT_MS = 180_000;

/**
 * The time limit of a run, for example if something keeps its process alive, in ms. On a slow
 * machine it takes three minutes.
 */
const RUN_TIMEOUT_MS = 900_000;

/**
 * Writes a suite into a folder that has the package installed, and runs it there.
 *
 * @returns Every test that ran.
 */
export async function runSuite(
  runtime: NodeRuntime,
  suite: Suite,
  folder: string,
): Promise<ReportedTest[]> {
  const reporter = "tests/node/json_reporter.ts";
  await writeSuite(await translate([reporter]), folder);
  await writeSuite(suite, folder);
  const results = "results.jsonl";
  const { stderr } = await runtime.node([
    "--test",
    `--test-concurrency=${CONCURRENCY}`,
    `--test-timeout=${TEST_TIMEOUT_MS}`,
    `--test-reporter=./${inJavaScript(reporter)}`,
    `--test-reporter-destination=${results}`,
    ...suite.tests.map(inJavaScript),
  ], { cwd: folder, signal: AbortSignal.timeout(RUN_TIMEOUT_MS) });
  const lines = (await Deno.readTextFile(join(folder, results))).trim().split("\n");
  if (lines[0] === "") throw new Error(`node --test has reported nothing: ${stderr}`);
  const tests = lines.map((line): ReportedTest => JSON.parse(line));
  // A file without tests, such as one for Deno alone, is reported as a passed test.
  const paths = suite.tests.map(inJavaScript);
  return tests.filter(({ title, outcome }) => outcome !== "passed" || !paths.includes(title));
}

function inJavaScript(path: string): string {
  return path.replace(/\.ts$/, ".js");
}
