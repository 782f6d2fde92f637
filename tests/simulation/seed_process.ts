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

for await (const line of createInterface({ input: process.stdin })) {
  const { seed, days, level } = parseRequest(line);
  print(formatRun(await runSeed(seed, days, { level, collectGarbage })));
}
