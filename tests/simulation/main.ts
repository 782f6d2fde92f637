/**
 * `deno task simulate`: simulates a container instance for days, months or years.
 *
 * @module
 */

import process from "node:process";
import { parseArgs } from "node:util";
import { print } from "../testing/print.ts";
import type { Level } from "./schedule.ts";
import { runSeed, type SeedRun } from "./seeds.ts";
import { faultTotals, tableHead, tableRow } from "./table.ts";

const HELP = `Usage: deno task simulate [options]

  --seed N        simulates one seed
  --seeds A-B     simulates each of these seeds (default: 1-10)
  --fresh         adds a seed that was never used
  --days D        how many days each (default: 7)
  --level L       calm, rough or hell (default: follows from the seed)
  --trace         prints everything that happens`;

const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    seeds: { type: "string" },
    fresh: { type: "boolean" },
    days: { type: "string", default: "7" },
    level: { type: "string" },
    trace: { type: "boolean" },
    help: { type: "boolean" },
  },
});

if (values.help) print(HELP);
else process.exitCode = await main();

async function main(): Promise<number> {
  const days = positive("--days", values.days);
  const level = levelNamed(values.level);
  const runs: SeedRun[] = [];
  print(tableHead());
  for (const seed of seeds()) {
    const options = { level, ...(values.trace && { onLine: print }) };
    const run = await runSeed(seed, days, options);
    print(tableRow(run));
    runs.push(run);
    if (run.result.broken !== undefined) reportBroken(run);
  }
  print(`\nFaults: ${faultTotals(runs)}`);
  const broken = runs.filter(({ result }) => result.broken !== undefined);
  print(`${runs.length - broken.length} of ${runs.length} seeds held.`);
  return broken.length === 0 ? 0 : 1;
}

function reportBroken({ seed, days, level, result: { broken, newest } }: SeedRun): void {
  if (broken === undefined) return;
  print(
    `\nSeed ${seed} violated this invariant at step ${broken.step}, ${broken.atMs / 1000} s after`,
  );
  print(`the start: ${broken.says} (${broken.what})`);
  print(`Active faults: ${broken.activeFaults.join(", ") || "none"}`);
  print(`Repeat it: deno task simulate --seed ${seed} --days ${days} --level ${level} --trace`);
  print("The end of the trace:");
  for (const line of newest.slice(-30)) print(`  ${line}`);
}

function seeds(): number[] {
  const [from = 1, to = from] = (values.seed ?? values.seeds ?? (values.fresh ? "" : "1-10"))
    .split("-")
    .filter((text) => text !== "")
    .map((text) => positive("--seeds", text));
  const given = values.seed === undefined && values.seeds === undefined && values.fresh
    ? []
    : Array.from({ length: to - from + 1 }, (_, index) => from + index);
  return values.fresh ? [...given, Math.floor(Math.random() * 2 ** 31)] : given;
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (value > 0) return value;
  throw new RangeError(`${name} must be a number greater than 0: ${text}`);
}

function levelNamed(name: string | undefined): Level | undefined {
  if (name === undefined || name === "calm" || name === "rough" || name === "hell") return name;
  throw new RangeError(`--level must be calm, rough or hell: ${name}`);
}
