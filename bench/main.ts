/**
 * `deno task bench`: compares the session with the bare loop, prints a table, writes it to
 * bench/results.json, and renders docs/performance.md and docs/performance.svg from it.
 *
 * - `--quick` measures the ratios only, with less work for each, in under a minute; writes nothing.
 * - `--only <text>` measures only the rows whose name contains that text; writes nothing.
 * - `--rounds <n>` sets the number of rounds of each measurement.
 *
 * @module
 */

import { cpus } from "node:os";
import process from "node:process";
import { parseArgs } from "node:util";
import { FULL, MEASUREMENTS, type Profile, QUICK, RATIOS } from "./measurements.ts";
import { writeDocument } from "./report/document.ts";
import { preparePrograms } from "./programs.ts";
import { formatRow, formatTable } from "./report/table.ts";
import { type Results, writeResults } from "./report/results.ts";
import type { Row } from "./row.ts";

const { values: flags } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    only: { type: "string", default: "" },
    rounds: { type: "string" },
  },
});
const chosen = flags.quick ? QUICK : FULL;
const profile: Profile = flags.rounds === undefined
  ? chosen
  : { ...chosen, rounds: Number(flags.rounds) };

const measurements = flags.quick && flags.only === "" ? RATIOS : MEASUREMENTS;

const programs = await preparePrograms();
const rows: Row[] = [];
try {
  for (const { name, measure } of measurements) {
    if (!name.includes(flags.only)) continue;
    for (const row of await measure(programs, profile)) {
      rows.push(row);
      process.stderr.write(`${formatRow(row)}\n`);
    }
  }
} finally {
  await programs.remove();
}
const results: Results = {
  date: new Date().toISOString().slice(0, 10),
  versions: programs.versions,
  processors: navigator.hardwareConcurrency,
  processorModel: cpus()[0]?.model ?? "unknown",
  rows,
};
process.stdout.write(`\n${formatTable(results)}`);
if (!flags.quick && flags.only === "") {
  await writeResults(results);
  await writeDocument(results);
}
