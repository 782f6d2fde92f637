/**
 * `deno task simulate`: simulates a container instance for days, months or years.
 *
 * @module
 */

import process from "node:process";
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { formatTrace } from "../../emulator/trace/write_trace.ts";
import { print } from "../testing/print.ts";
import { collectGarbage } from "./collect_garbage.ts";
import { findMutant, MAX_MUTANT_CPU_MS } from "./mutants/find_mutant.ts";
import { MUTANTS } from "./mutants/mutants.ts";
import type { Level } from "./schedule.ts";
import { runSeeds } from "./seed_pool.ts";
import { DAY_MS, instancesOf, runSeed, type SeedRun } from "./seeds.ts";
import { describeSchedule, shrink } from "./shrink.ts";
import { simulate, START } from "./simulate.ts";
import { faultTotals, tableHead, tableRow } from "./table.ts";
import { toScenario } from "./to_scenario.ts";
import { runYears } from "./years.ts";

const HELP = `Usage: deno task simulate [options]

  --seed N        simulates one seed
  --seeds A-B     simulates each of these seeds (default: 1-10)
  --fresh         adds a seed that was never used, and prints it
  --days D        how many days each (default: 7)
  --level L       calm, rough or hell (default: follows from the seed)
  --processes N   how many seeds run at the same time (default: one per core)
  --trace         prints everything that happens
  --no-shrink     does not look for the shortest schedule that still fails
  --years Y       plays troubles of the reference's issue tracker, spread over Y years
  --mutants       searches for every mutant of the session
  --out FOLDER    where to write what is known of a failure (default: a temporary folder)`;

const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    seeds: { type: "string" },
    fresh: { type: "boolean" },
    days: { type: "string", default: "7" },
    level: { type: "string" },
    processes: { type: "string", default: String(availableParallelism()) },
    trace: { type: "boolean" },
    "no-shrink": { type: "boolean" },
    years: { type: "string" },
    mutants: { type: "boolean" },
    out: { type: "string" },
    help: { type: "boolean" },
  },
});

if (values.help) print(HELP);
else if (values.years !== undefined) process.exitCode = await playYears(values.years);
else if (values.mutants) process.exitCode = await searchForMutants();
else process.exitCode = await main();

async function main(): Promise<number> {
  const days = positive("--days", values.days);
  const level = levelNamed(values.level);
  const faults: ReadonlyMap<string, number>[] = [];
  let held = 0;
  const all = seeds();
  print(tableHead());
  for await (const run of values.trace ? traced(all, days, level) : pooled(all, days, level)) {
    print(tableRow(run));
    faults.push(run.result.faults);
    if (run.result.broken === undefined) held += 1;
    else await reportBroken(run);
  }
  print(`\nFaults: ${faultTotals(faults)}`);
  print(`${held} of ${all.length} seeds held.`);
  return held === all.length ? 0 : 1;
}

function pooled(seeds: readonly number[], days: number, level: Level | undefined) {
  const requests = seeds.map((seed) => ({ seed, days, level }));
  return runSeeds(requests, positive("--processes", values.processes));
}

async function* traced(seeds: readonly number[], days: number, level: Level | undefined) {
  for (const seed of seeds) {
    yield await runSeed(seed, days, { level, collectGarbage, onLine: print });
  }
}

async function reportBroken(run: SeedRun): Promise<void> {
  const { seed, days, level, schedule, result } = run;
  const { broken, newest, transcript } = result;
  if (broken === undefined) return;
  print(
    `\nSeed ${seed} violated this invariant at step ${broken.step}, ${broken.atMs / 1000} s after`,
  );
  print(`the start: ${broken.says} (${broken.what})`);
  print(`Active faults: ${broken.activeFaults.join(", ") || "none"}`);
  print(`Repeat it: deno task simulate --seed ${seed} --days ${days} --level ${level} --trace`);
  print("The end of the trace:");
  for (const line of newest.slice(-30)) print(`  ${line}`);
  const files = new Map([
    ["trace.txt", newest.join("\n")],
    ["trace.jsonl", formatTrace(transcript, { producer: `seed ${seed}`, at: START })],
  ]);
  if (!values["no-shrink"]) {
    const options = { seed, schedule, forMs: days * DAY_MS, instances: instancesOf(seed) };
    const shrunk = await shrink(options, result, simulate);
    const { schedule: shortest, forMs } = shrunk;
    const origin = { producer: `seed ${seed}, shortened`, at: START };
    files.set("trace.jsonl", formatTrace(shrunk.result.transcript, origin));
    print("The shortest schedule that was found to break it:");
    for (const line of describeSchedule(shortest)) print(`  ${line}`);
    const scenario = toScenario(`seed ${seed}: ${broken.says}`, shortest);
    files.set(
      "schedule.json",
      JSON.stringify({ ...options, forMs, schedule: shortest }, undefined, 2),
    );
    if (scenario === undefined) print("The emulator alone cannot play it.");
    else files.set("scenario.json", JSON.stringify(scenario, undefined, 2));
  }
  const folder = values.out ?? await mkdtemp(join(tmpdir(), `acs-simulation-${seed}-`));
  await mkdir(folder, { recursive: true });
  for (const [name, text] of files) await writeFile(join(folder, name), `${text.trimEnd()}\n`);
  print(`Written to ${folder}: ${[...files.keys()].join(", ")}`);
}

async function playYears(text: string): Promise<number> {
  const years = positive("--years", text);
  const { rows, result } = await runYears(years, 1);
  const inSeconds = (ms: number | undefined) =>
    ms === undefined ? "-" : `${Math.ceil(ms / 1000)} s`;
  print("noticed  ready after  trouble");
  for (const { trouble: { issues, what }, noticedAfterMs, readyAfterMs } of rows) {
    const noticed = inSeconds(noticedAfterMs).padStart(7);
    print(`${noticed}  ${inSeconds(readyAfterMs).padStart(11)}  ${issues}: ${what}`);
  }
  const { simulatedMs, cpuMs, connects, messages, broken } = result;
  print(`\n${(simulatedMs / 365.25 / DAY_MS).toFixed(2)} years in one process, no restart:`);
  print(`${connects} connects, ${messages} messages, ${(cpuMs / 1000).toFixed(0)} s of CPU time.`);
  if (broken === undefined) return 0;
  print(`An invariant was violated after ${broken.atMs / 1000} s: ${broken.says} (${broken.what})`);
  return 1;
}

async function searchForMutants(): Promise<number> {
  let missed = 0;
  for (const mutant of MUTANTS) {
    const found = await findMutant(mutant, MAX_MUTANT_CPU_MS);
    if (found === undefined) missed += 1;
    const seconds = ((found?.cpuMs ?? MAX_MUTANT_CPU_MS) / 1000).toFixed(1);
    const says = found?.broken.says ?? "NOT FOUND";
    print(`${seconds} s, seed ${found?.seed ?? "-"}: ${mutant.mistake}: ${says}`);
  }
  print(`${MUTANTS.length - missed} of ${MUTANTS.length} mutants found.`);
  return missed === 0 ? 0 : 1;
}

function seeds(): number[] {
  const [from = 1, to = from] = (values.seed ?? values.seeds ?? (values.fresh ? "" : "1-10"))
    .split("-")
    .filter((text) => text !== "")
    .map((text) => positive("--seeds", text));
  const given = values.seed === undefined && values.seeds === undefined && values.fresh
    ? []
    : Array.from({ length: to - from + 1 }, (_, index) => from + index);
  if (!values.fresh) return given;
  const fresh = Math.floor(Math.random() * 2 ** 31);
  // Printed before it runs, so that it can be repeated if it never ends.
  print(`Fresh seed: ${fresh}`);
  return [...given, fresh];
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
