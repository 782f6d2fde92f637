/**
 * `deno task simulate`: simulates a container instance for days, months or years.
 *
 * @module
 */

import process from "node:process";
import { mkdir, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exitOnClosedOutput } from "../../cli/exit.ts";
import { formatTrace } from "../../emulator/trace/write_trace.ts";
import { print } from "../testing/print.ts";
import {
  ArgumentError,
  HELP,
  MAX_SEED,
  parseArguments,
  type Reported,
  type SimulateArguments,
} from "./arguments.ts";
import { collectGarbage } from "./collect_garbage.ts";
import { findMutant, MAX_MUTANT_CPU_MS } from "./mutants/find_mutant.ts";
import { MUTANTS } from "./mutants/mutants.ts";
import { parseSchedule } from "./parse_schedule.ts";
import { runSeeds } from "./seed_pool.ts";
import {
  DAY_MS,
  hasHeld,
  instancesOf,
  levelOf,
  MAX_GROWN_BYTES,
  runSeed,
  type SeedRun,
} from "./seeds.ts";
import { describeSchedule, shrink } from "./shrink.ts";
import { simulate, type SimulationOptions, START } from "./simulate.ts";
import { faultTotals, tableHead, tableRow } from "./table.ts";
import { toScenario } from "./to_scenario.ts";
import { runYears } from "./years.ts";

exitOnClosedOutput();
try {
  process.exitCode = await run(parseArguments(process.argv.slice(2)));
} catch (error) {
  if (!(error instanceof ArgumentError)) throw error;
  process.stderr.write(`error: ${error.message}\n`);
  process.exitCode = 2;
}

function run(args: SimulateArguments): number | Promise<number> {
  switch (args.mode) {
    case "help":
      print(HELP);
      return 0;
    case "years":
      return playYears(args.years);
    case "mutants":
      return searchForMutants();
    case "schedule":
      return playScheduleFile(args);
    case "seeds":
      return playSeeds(args);
  }
}

type Seeds = Extract<SimulateArguments, { mode: "seeds" }>;

async function playSeeds(args: Seeds): Promise<number> {
  const faults: ReadonlyMap<string, number>[] = [];
  let held = 0;
  const seeds = [...args.seeds, ...args.isFresh ? [freshSeed()] : []];
  const width = process.stdout.columns;
  print(tableHead(width));
  for await (const run of args.isTraced ? traced(seeds, args) : pooled(seeds, args)) {
    print(tableRow(run, width));
    faults.push(run.result.faults);
    if (hasHeld(run.result)) held += 1;
    else if (run.result.broken !== undefined) await reportBrokenSeed(run, args);
    else print(`The live memory of seed ${run.seed} grew by more than ${MAX_GROWN_BYTES} bytes.`);
  }
  print(`\nFaults: ${faultTotals(faults)}`);
  print(`${held} of ${seeds.length} seeds held.`);
  return held === seeds.length ? 0 : 1;
}

function freshSeed(): number {
  const seed = 1 + Math.floor(Math.random() * MAX_SEED);
  // Printed before it runs, so that it can be repeated if it never ends.
  print(`Fresh seed: ${seed}`);
  return seed;
}

function pooled(seeds: readonly number[], { days, level, processes }: Seeds) {
  return runSeeds(seeds.map((seed) => ({ seed, days, level })), processes);
}

async function* traced(seeds: readonly number[], { days, level }: Seeds) {
  for (const seed of seeds) {
    yield await runSeed(seed, days, { level, collectGarbage, onLine: print });
  }
}

async function reportBrokenSeed(run: SeedRun, args: Seeds): Promise<void> {
  const { seed, days, level, schedule } = run;
  const options = { seed, schedule, forMs: days * DAY_MS, instances: instancesOf(seed) };
  const flags = level === levelOf(seed) ? "" : ` --level ${level}`;
  await reportBroken(
    `deno task simulate --seed ${seed} --days ${days}${flags}`,
    options,
    run,
    args,
  );
}

async function playScheduleFile(
  args: Extract<SimulateArguments, { mode: "schedule" }>,
): Promise<number> {
  const options = parseSchedule(await readText(args.file), args.file);
  const onLine = args.isTraced ? { onLine: print } : {};
  const result = await simulate({ ...options, collectGarbage, ...onLine });
  if (result.broken === undefined) {
    print(`Every invariant held. SHA-256 of the trace: ${result.sha256}`);
    return 0;
  }
  await reportBroken(`deno task simulate --schedule ${args.file}`, options, { result }, args);
  return 1;
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw new ArgumentError(
      `cannot read ${file}: ${error instanceof Error ? error.message : error}`,
    );
  }
}

async function reportBroken(
  command: string,
  options: SimulationOptions,
  { result }: Pick<SeedRun, "result">,
  { isShrunk, out }: Reported,
): Promise<void> {
  const { broken, newest, transcript } = result;
  if (broken === undefined) return;
  const { seed } = options;
  print(
    `\nSeed ${seed} violated this invariant at step ${broken.step}, ${broken.atMs / 1000} s after`,
  );
  print(`the start: ${broken.says} (${broken.what})`);
  print(`Active faults: ${broken.activeFaults.join(", ") || "none"}`);
  print(`Repeat it: ${command} --trace`);
  print("The end of the trace:");
  for (const line of newest.slice(-30)) print(`  ${line}`);
  const files = new Map([
    ["trace.txt", newest.join("\n")],
    ["trace.jsonl", formatTrace(transcript, { producer: `seed ${seed}`, at: START })],
  ]);
  if (isShrunk) {
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
  const folder = out === undefined
    ? await mkdtemp(join(tmpdir(), `acs-simulation-${seed}-`))
    : join(out, `seed-${seed}`);
  await mkdir(folder, { recursive: true });
  for (const [name, text] of files) await writeFile(join(folder, name), `${text.trimEnd()}\n`);
  print(`Written to ${folder}: ${[...files.keys()].join(", ")}`);
  if (!files.has("schedule.json")) return;
  print(`Play the shortest: deno task simulate --schedule ${join(folder, "schedule.json")}`);
}

async function playYears(years: number): Promise<number> {
  const { rows, result } = await runYears(years, 1);
  const inSeconds = (ms: number | undefined) =>
    ms === undefined ? "-" : `${Math.ceil(ms / 1000)} s`;
  print("noticed  ready after  trouble");
  for (const { trouble: { issues, what }, noticedAfterMs, readyAfterMs, errors } of rows) {
    const noticed = inSeconds(noticedAfterMs).padStart(7);
    const names = errors.length === 0 ? "" : ` (${errors.join(", ")})`;
    print(`${noticed}  ${inSeconds(readyAfterMs).padStart(11)}  ${issues}: ${what}${names}`);
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
