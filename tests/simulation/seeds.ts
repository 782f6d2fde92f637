/**
 * One simulation per seed: the level and the schedule follow from the seed.
 *
 * @module
 */

import { drawSchedule, type Level, LEVELS, type ScheduleItem } from "./schedule.ts";
import { simulate, type SimulationOptions, type SimulationResult } from "./simulate.ts";

/** A day, in ms. */
export const DAY_MS = 86_400_000;

/** The simulation whose trace is compared between the runtimes. */
export const TRACED_SEED = 2;

/** How long it is, in days. */
export const TRACED_DAYS = 0.5;

/** The default level of faults in the simulation of a seed. */
export function levelOf(seed: number): Level {
  return LEVELS[Math.abs(seed) % LEVELS.length] ?? "rough";
}

/** The default number of container instances in the simulation of a seed. */
export function instancesOf(seed: number): number {
  return seed % 4 === 0 ? 3 : 1;
}

/** A simulation of one seed. */
export interface SeedRun {
  readonly seed: number;
  readonly days: number;
  readonly level: Level;
  readonly schedule: readonly ScheduleItem[];
  readonly result: SimulationResult;
}

/** How much live memory a simulation may add after the third day, however long it is, in bytes. */
export const MAX_GROWN_BYTES: number = 32 * 2 ** 20;

/** Whether every invariant held, and the live memory did not grow. */
export function hasHeld({ broken, grownBytes }: SimulationResult): boolean {
  return broken === undefined && grownBytes <= MAX_GROWN_BYTES;
}

/** Simulates a seed. */
export async function runSeed(
  seed: number,
  days: number,
  { level = levelOf(seed), onLine, collectGarbage }: {
    readonly level?: Level | undefined;
    readonly onLine?: SimulationOptions["onLine"];
    readonly collectGarbage?: SimulationOptions["collectGarbage"];
  } = {},
): Promise<SeedRun> {
  const forMs = days * DAY_MS;
  const schedule = drawSchedule(seed, forMs, level);
  const instances = instancesOf(seed);
  const result = await simulate({
    seed,
    schedule,
    forMs,
    instances,
    collectGarbage,
    ...(onLine && { onLine }),
  });
  return { seed, days, level, schedule, result };
}
