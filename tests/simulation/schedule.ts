/**
 * The schedule of a simulation: everything that the seed determines, as plain data, so that parts
 * of it can be left out.
 *
 * @module
 */

import type { RandomSource } from "../../internal/jitter.ts";
import { drawBelow, drawOne, seededRandom } from "../testing/fuzz/seeded_random.ts";
import { type Fault, type FaultKind, FAULTS } from "./faults.ts";
import { type WorkKind, WORKS } from "./works.ts";

/** A fault. */
export interface FaultItem {
  /** When it begins, in true ms after the start. */
  readonly atMs: number;
  readonly fault: FaultKind;
  /** How long it lasts, in ms; 0 for faults that strike once. */
  readonly forMs: number;
  /** Its severity, from 0 to 1; the meaning depends on the fault. */
  readonly size: number;
}

/** An action of a user of ECS or of the agent. */
export interface WorkItem {
  /** When, in true ms after the start. */
  readonly atMs: number;
  readonly work: WorkKind;
  /** Selects the object of the action, from 0 to 1. */
  readonly pick: number;
}

/** One thing that happens. */
export type ScheduleItem = FaultItem | WorkItem;

/** The levels of faults. */
export const LEVELS = ["calm", "rough", "hell"] as const;

/** The level of faults. */
export type Level = typeof LEVELS[number];

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

interface Weather {
  /** Shortest and longest time without a fault, in ms. */
  readonly quietMs: readonly [number, number];
  /** Shortest and longest time with faults, in ms. */
  readonly stormMs: readonly [number, number];
  /** Fewest and most faults in that time. */
  readonly faults: readonly [number, number];
}

const WEATHER: Readonly<Record<Level, Weather>> = {
  calm: { quietMs: [6 * HOUR, 48 * HOUR], stormMs: [MINUTE, 5 * MINUTE], faults: [1, 1] },
  rough: { quietMs: [30 * MINUTE, 5 * HOUR], stormMs: [MINUTE, 30 * MINUTE], faults: [1, 4] },
  hell: {
    quietMs: [20 * MINUTE, 40 * MINUTE],
    stormMs: [10 * MINUTE, 90 * MINUTE],
    faults: [4, 20],
  },
};

/** Longest time between two pieces of work, in ms. */
const LONGEST_BETWEEN_WORK_MS = 30 * MINUTE;

/**
 * How long a deregistration affects the session after it has ended: its delay, and a little more.
 */
const INACTIVE_QUIET_MS = 65 * MINUTE;

/**
 * Draws a schedule.
 *
 * @param seed Determines everything.
 * @param forMs For how long.
 * @param level The level of faults.
 */
export function drawSchedule(seed: number, forMs: number, level: Level): ScheduleItem[] {
  const items = [
    ...drawFaults(seededRandom(seed ^ 0xFA), forMs, WEATHER[level]),
    ...drawWork(seededRandom(seed ^ 0x30), forMs),
  ];
  return items.sort((one, other) => one.atMs - other.atMs);
}

function drawFaults(random: RandomSource, forMs: number, weather: Weather): FaultItem[] {
  const items: FaultItem[] = [];
  for (let atMs = between(weather.quietMs, random); atMs < forMs;) {
    const stormMs = between(weather.stormMs, random);
    const count = between(weather.faults, random);
    let wasInactive = false;
    let overMs = 2 * stormMs;
    for (let number = 0; number < count; number++) {
      const fault = drawOne(FAULT_KINDS, random);
      const startsAt = drawBelow(stormMs, random);
      const { shortestMs, longestMs, isHarmless, isLong = false }: Fault = FAULTS[fault];
      const lasts = between(
        [shortestMs, isLong ? longestFor(forMs, longestMs) : longestMs],
        random,
      );
      const size = random();
      // The others are to be over when the quiet time begins.
      const lastsMs = isLong || isHarmless?.(size) ? lasts : Math.min(lasts, stormMs);
      items.push({ atMs: atMs + startsAt, fault, forMs: lastsMs, size });
      if (isLong) overMs = Math.max(overMs, startsAt + lastsMs);
      wasInactive ||= fault === "deregistered";
    }
    atMs += overMs + between(weather.quietMs, random) + (wasInactive ? INACTIVE_QUIET_MS : 0);
  }
  return items.filter((item) => item.atMs + item.forMs < forMs);
}

/** A fault that lasts days does not fit into a simulation of one day. */
function longestFor(forMs: number, longestMs: number): number {
  return Math.min(longestMs, Math.max(HOUR, forMs / 10));
}

function drawWork(random: RandomSource, forMs: number): WorkItem[] {
  const items: WorkItem[] = [];
  for (let atMs = 10 * SECOND; atMs < forMs;) {
    items.push({ atMs, work: drawOne(WORK_DECK, random), pick: random() });
    atMs += between([SECOND, LONGEST_BETWEEN_WORK_MS], random);
  }
  return items;
}

/** Each kind is repeated in proportion to its weight. */
const FAULT_KINDS: readonly FaultKind[] = kindsOf(FAULTS).flatMap((kind) =>
  new Array<FaultKind>(FAULTS[kind].weight).fill(kind)
);

const WORK_DECK: readonly WorkKind[] = kindsOf(WORKS).flatMap((kind) =>
  new Array<WorkKind>(WORKS[kind].weight).fill(kind)
);

function kindsOf<K extends string>(table: Readonly<Record<K, unknown>>): K[] {
  const kinds: K[] = [];
  for (const kind in table) kinds.push(kind);
  return kinds;
}

function between([least, most]: readonly [number, number], random: RandomSource): number {
  return Math.floor(least + random() * (most - least + 1));
}
