/**
 * Shortens the schedule of a simulation that violated an invariant: leaves out faults and work, one
 * after the other, as long as the same invariant is still violated.
 *
 * @module
 */

import type { ScheduleItem } from "./schedule.ts";
import type { SimulationOptions, SimulationResult } from "./simulate.ts";

/** Runs a simulation. */
export type Simulate = (options: SimulationOptions) => Promise<SimulationResult>;

/** A shortened simulation. */
export interface Shrunk {
  /** What is left. */
  readonly schedule: readonly ScheduleItem[];
  /** For how long it has to be simulated, in ms. */
  readonly forMs: number;
  /** The simulation of that. */
  readonly result: SimulationResult;
  /** How many simulations it took. */
  readonly runs: number;
}

/** How long after the failure a shortened simulation may go on, in ms: parts left out delay it. */
const SLACK_MS = 2 * 3_600_000;

/** After this many simulations the shortest schedule so far is taken. */
const MAX_RUNS = 400;

/** After this much CPU time the shortest schedule so far is taken, in ms. */
const MAX_CPU_MS = 180_000;

const HOUR = 3_600_000;

/** How long before the failure a shortened simulation starts, tried in this order, in ms. */
const WINDOWS_MS = [3 * HOUR, 12 * HOUR, 72 * HOUR];

/**
 * Shortens a schedule.
 *
 * @param options The simulation.
 * @param result Its result, with a violated invariant.
 * @param simulate Runs a simulation.
 * @throws {Error} If no invariant was violated.
 */
export async function shrink(
  options: SimulationOptions,
  result: SimulationResult,
  simulate: Simulate,
): Promise<Shrunk> {
  const { broken } = result;
  if (broken === undefined) throw new Error("There is nothing to shrink: every invariant held");
  let forMs = Math.min(options.forMs, broken.atMs + SLACK_MS);
  let best = { schedule: options.schedule, result };
  let runs = 0;
  let cpuMs = 0;
  const mayRun = () => runs < MAX_RUNS && cpuMs < MAX_CPU_MS;
  const isStillBroken = async (schedule: readonly ScheduleItem[]): Promise<boolean> => {
    runs += 1;
    const shorter = await simulate({ ...options, schedule, forMs });
    cpuMs += shorter.cpuMs;
    if (shorter.broken?.says !== broken.says) return false;
    best = { schedule, result: shorter };
    return true;
  };
  // What happens after the failure has not caused it, and what happened long before rarely has.
  const before = options.schedule.filter(({ atMs }) => atMs <= broken.atMs);
  const windows = WINDOWS_MS.filter((ms) => ms < broken.atMs);
  const wholeMs = forMs;
  for (const windowMs of windows) {
    const fromMs = broken.atMs - windowMs;
    forMs = Math.min(options.forMs, windowMs + SLACK_MS);
    const late = before.filter(({ atMs }) => atMs >= fromMs);
    if (await isStillBroken(late.map((item) => ({ ...item, atMs: item.atMs - fromMs })))) break;
    forMs = wholeMs;
  }
  if (forMs === wholeMs) await isStillBroken(before);
  let chunk = Math.ceil(best.schedule.length / 2);
  while (chunk >= 1 && mayRun()) {
    let hasShrunk = false;
    for (let from = 0; from < best.schedule.length && mayRun();) {
      const rest = [...best.schedule.slice(0, from), ...best.schedule.slice(from + chunk)];
      if (await isStillBroken(rest)) hasShrunk = true;
      else from += chunk;
    }
    if (chunk === 1 && !hasShrunk) break;
    chunk = chunk === 1 ? 1 : Math.ceil(chunk / 2);
  }
  return { ...best, forMs, runs };
}

/** A schedule as text, one line an item. */
export function describeSchedule(schedule: readonly ScheduleItem[]): string[] {
  return schedule.map((item) => {
    const at = `${(item.atMs / 1000).toFixed(1)} s`;
    if ("work" in item) return `${at}: ${item.work}`;
    const lasts = item.forMs === 0 ? "" : ` for ${(item.forMs / 1000).toFixed(1)} s`;
    return `${at}: ${item.fault}${lasts}`;
  });
}
