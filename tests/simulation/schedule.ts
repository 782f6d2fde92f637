/**
 * The schedule of a simulation: everything that the seed decides to happen, as plain data, so that
 * parts of it can be left out.
 *
 * @module
 */

import type { RandomSource } from "../../internal/jitter.ts";
import { drawBelow, drawOne, seededRandom } from "../testing/fuzz/seeded_random.ts";
import { type FaultKind, FAULTS } from "./faults.ts";
import { type WorkKind, WORKS } from "./works.ts";

/** A fault. */
export interface FaultItem {
  /** When it begins, in true ms after the start. */
  readonly atMs: number;
  readonly fault: FaultKind;
  /** How long it lasts, in ms; 0 for faults that strike once. */
  readonly forMs: number;
  /** How bad it is, from 0 to 1; what that means depends on the fault. */
  readonly size: number;
}

/** Something that a user of ECS, or of the agent, does. */
export interface WorkItem {
  /** When, in true ms after the start. */
  readonly atMs: number;
  readonly work: WorkKind;
  /** Selects what it is done with, from 0 to 1. */
  readonly pick: number;
}

/** One thing that happens. */
export type ScheduleItem = FaultItem | WorkItem;

/** How much goes wrong. */
export type Level = "calm" | "rough" | "hell";

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

/** How long a deregistration goes on in the session after it has ended: its delay, and a little. */
const INACTIVE_QUIET_MS = 65 * MINUTE;

/**
 * Draws a schedule.
 *
 * @param seed Decides everything.
 * @param forMs For how long.
 * @param level How much goes wrong.
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
    for (let number = 0; number < count; number++) {
      const fault = drawOne(FAULT_KINDS, random);
      const startsAt = drawBelow(stormMs, random);
      const { shortestMs, longestMs } = FAULTS[fault];
      const lastsMs = Math.min(between([shortestMs, longestMs], random), stormMs);
      items.push({ atMs: atMs + startsAt, fault, forMs: lastsMs, size: random() });
      wasInactive ||= fault === "deregistered";
    }
    atMs += 2 * stormMs + between(weather.quietMs, random) + (wasInactive ? INACTIVE_QUIET_MS : 0);
  }
  return items.filter((item) => item.atMs + item.forMs < forMs);
}

function drawWork(random: RandomSource, forMs: number): WorkItem[] {
  const items: WorkItem[] = [];
  for (let atMs = 10 * SECOND; atMs < forMs;) {
    items.push({ atMs, work: drawOne(WORK_DECK, random), pick: random() });
    atMs += between([SECOND, LONGEST_BETWEEN_WORK_MS], random);
  }
  return items;
}

/** Kinds as often as they are to be drawn. */
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
