/**
 * Simulates the seeds that arrive on stdin, one line each, and writes a line with each result.
 *
 * @module
 */

import process from "node:process";
import { createInterface } from "node:readline";
import { print } from "../testing/print.ts";
import { collectGarbage } from "./collect_garbage.ts";
import { formatRun, parseRequest } from "./seed_lines.ts";
import { runSeed } from "./seeds.ts";

const lines = createInterface({ input: process.stdin });
// The process that reads the results has ended, even if a simulation is running.
lines.on("close", () => process.exit());
for await (const line of lines) {
  const { seed, days, level } = parseRequest(line);
  print(formatRun(await runSeed(seed, days, { level, collectGarbage })));
}
