/**
 * `deno task bench`: compares the session with a bare loop and with the smallest possible process,
 * prints a table, writes it to bench/results.json, and renders docs/performance.md and its pictures
 * from it.
 *
 * - `--part <name>` measures and writes one part: `process` (14 minutes), `messages` (10) or
 *   `sessions` (14).
 * - `--quick` runs the measurements that are most sensitive to regressions, with fewer rounds, in
 * under a minute, and writes nothing.
 * - `--only <text>` measures only the rows whose name contains that text; writes nothing.
 * - `--rounds <n>` sets the number of rounds of each measurement.
 *
 * @module
 */

import { cpus } from "node:os";
import process from "node:process";
import { parseArgs } from "node:util";
import {
  FULL,
  type Measurement,
  MEASUREMENTS,
  type Part,
  PARTS,
  type Profile,
  QUICK,
} from "./measurements.ts";
import { writeDocument } from "./report/document.ts";
import { preparePrograms } from "./programs.ts";
import { formatRow, formatTable } from "./report/table.ts";
import { type PartResults, writeResults } from "./report/results.ts";
import type { Row } from "./row.ts";

const { values: flags } = parseArgs({
  options: {
    part: { type: "string" },
    quick: { type: "boolean", default: false },
    only: { type: "string", default: "" },
    rounds: { type: "string" },
  },
});
const chosen = flags.quick ? QUICK : FULL;
const profile: Profile = flags.rounds === undefined
  ? chosen
  : { ...chosen, rounds: Number(flags.rounds) };
const parts = PARTS.filter((part) => flags.part === undefined || part === flags.part);
if (parts.length === 0) throw new Error(`There is no part ${flags.part}: ${PARTS.join(", ")}`);

const programs = await preparePrograms();
const measured = new Map<Part, PartResults>();
try {
  for (const part of parts) {
    const rows = await measureAll(
      MEASUREMENTS.filter((measurement) => isWanted(measurement, part)),
    );
    if (rows.length === 0) continue;
    measured.set(part, {
      date: new Date().toISOString().slice(0, 10),
      versions: programs.versions,
      processors: navigator.hardwareConcurrency,
      processorModel: cpus()[0]?.model ?? "unknown",
      rows,
    });
  }
} finally {
  await programs.remove();
}
for (const results of measured.values()) process.stdout.write(`\n${formatTable(results)}`);
if (!flags.quick && flags.only === "") {
  await writeDocument(await writeResults(Object.fromEntries(measured)));
}

function isWanted({ part, name, isQuick }: Measurement, wanted: Part): boolean {
  if (part !== wanted || !name.includes(flags.only)) return false;
  return isQuick || !flags.quick || flags.only !== "";
}

async function measureAll(measurements: readonly Measurement[]): Promise<Row[]> {
  const rows: Row[] = [];
  for (const { measure } of measurements) {
    for (const row of await measure(programs, profile)) {
      rows.push(row);
      process.stderr.write(`${formatRow(row)}\n`);
    }
  }
  return rows;
}
