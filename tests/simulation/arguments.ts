/**
 * The arguments of `deno task simulate`.
 *
 * @module
 */

import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { type Level, LEVELS } from "./schedule.ts";

/** The help text. */
export const HELP = `Usage: deno task simulate [options]

Simulates a container instance under virtual time: one line per seed.

  --seed N         simulates one seed
  --seeds LIST     simulates these seeds: 1-10, 1,4,9 or 1-3,7 (default: 1-10)
  --fresh          adds a random seed, and prints it; alone, simulates only that one
  --days D         how many days each (default: 7)
  --level L        calm, rough or hell (default: follows from the seed)
  --processes N    how many seeds run at the same time (default: one per core)
  --trace          prints everything that happens
  --no-shrink      does not look for the shortest schedule that still fails
  --out FOLDER     where to write what is known about failures, in a folder for each seed
                   (default: a temporary folder)

Instead of seeds:

  --schedule FILE  simulates a schedule.json of an earlier failure
  --years Y        plays problems from the reference's issue tracker, spread over Y years
  --mutants        searches for every mutant of the session

Exit codes:
  0  every invariant held
  1  an invariant was violated, or a mutant was not found
  2  an argument is wrong`;

/** An argument is wrong. */
export class ArgumentError extends Error {}

/** What to simulate. */
export type SimulateArguments =
  | { readonly mode: "help" | "mutants" }
  | { readonly mode: "years"; readonly years: number }
  | ({ readonly mode: "schedule"; readonly file: string } & Reported)
  | ({
    readonly mode: "seeds";
    readonly seeds: readonly number[];
    /** Whether to add a random seed. */
    readonly isFresh: boolean;
    readonly days: number;
    /** `undefined` if it follows from the seed. */
    readonly level: Level | undefined;
    readonly processes: number;
  } & Reported);

/** What to report. */
export interface Reported {
  /** Whether to print the trace. */
  readonly isTraced: boolean;
  /** Whether to look for the shortest schedule that still fails. */
  readonly isShrunk: boolean;
  /** Where to write what is known about failures; `undefined` for a temporary folder. */
  readonly out: string | undefined;
}

/** The largest seed: seeds are numbers of 31 bits. */
export const MAX_SEED: number = 2 ** 31 - 1;

/** A century. */
const MAX_DAYS = 36_525;

const MAX_YEARS = 100;

const MAX_SEEDS = 100_000;

const MAX_PROCESSES = 1_000;

/** The options that each mode accepts besides its own. */
const WITH: Readonly<Record<string, readonly string[]>> = {
  help: [],
  schedule: ["trace", "no-shrink", "out"],
  years: [],
  mutants: [],
};

/**
 * Parses the arguments.
 *
 * @param args The arguments.
 * @throws {ArgumentError} If one of them is wrong.
 */
export function parseArguments(args: readonly string[]): SimulateArguments {
  const values = parse(args);
  if (values.help) return { mode: "help" };
  const given = Object.keys(values);
  const mode = given.find((name) => name in WITH);
  const useless = given.find((name) => name !== mode && !WITH[mode ?? ""]?.includes(name));
  if (mode !== undefined && useless !== undefined) {
    throw new ArgumentError(`--${useless} has no effect with --${mode}: leave one of them out`);
  }
  const { years, mutants, schedule } = values;
  if (mutants) return { mode: "mutants" };
  if (years !== undefined) {
    return { mode: "years", years: positive("--years", years, MAX_YEARS) };
  }
  const reported: Reported = {
    isTraced: values.trace ?? false,
    isShrunk: !values["no-shrink"],
    out: values.out,
  };
  if (schedule !== undefined) return { mode: "schedule", file: schedule, ...reported };
  const { days = "7", level, processes = String(availableParallelism()) } = values;
  return {
    mode: "seeds",
    seeds: seedsOf(values),
    isFresh: values.fresh ?? false,
    days: positive("--days", days, MAX_DAYS),
    level: levelNamed(level),
    processes: whole("--processes", processes, MAX_PROCESSES),
    ...reported,
  };
}

function parse(args: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        seed: { type: "string" },
        seeds: { type: "string" },
        fresh: { type: "boolean" },
        days: { type: "string" },
        level: { type: "string" },
        processes: { type: "string" },
        trace: { type: "boolean" },
        "no-shrink": { type: "boolean" },
        out: { type: "string" },
        schedule: { type: "string" },
        years: { type: "string" },
        mutants: { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    });
    return values;
  } catch (error) {
    throw new ArgumentError(error instanceof Error ? error.message : String(error));
  }
}

function seedsOf(
  { seed, seeds, fresh }: { readonly seed?: string; readonly seeds?: string; fresh?: boolean },
): number[] {
  if (seed !== undefined && seeds !== undefined) {
    throw new ArgumentError("--seed and --seeds are the same: leave one of them out");
  }
  if (seed !== undefined) return [whole("--seed", seed, MAX_SEED)];
  if (seeds === undefined && fresh) return [];
  const all = new Set<number>();
  for (const part of (seeds ?? "1-10").split(",")) {
    const [, from = part, to = from] = /^([^-]*)-([^-]*)$/.exec(part) ?? [];
    const [first, last] = [from, to].map((text) => whole("--seeds", text, MAX_SEED));
    if (first === undefined || last === undefined) continue;
    if (first > last) throw new ArgumentError(`--seeds must begin with the smaller seed: ${part}`);
    if (all.size + last - first >= MAX_SEEDS) {
      throw new ArgumentError(`--seeds must be at most ${MAX_SEEDS} seeds: ${seeds}`);
    }
    for (let each = first; each <= last; each++) all.add(each);
  }
  return [...all];
}

function whole(name: string, text: string, most: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  if (value >= 1 && value <= most) return value;
  throw new ArgumentError(`${name} must be a whole number from 1 to ${most}: "${text}"`);
}

function positive(name: string, text: string, most: number): number {
  const value = /^\d*\.?\d+$/.test(text) ? Number(text) : NaN;
  if (value > 0 && value <= most) return value;
  throw new ArgumentError(`${name} must be a number greater than 0, at most ${most}: "${text}"`);
}

function levelNamed(name: string | undefined): Level | undefined {
  const level = LEVELS.find((each) => each === name);
  if (name === undefined || level !== undefined) return level;
  throw new ArgumentError(`--level must be ${LEVELS.join(", ")}: "${name}"`);
}
