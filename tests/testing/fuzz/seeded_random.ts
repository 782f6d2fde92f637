/**
 * Repeatable randomness, so that a failure found by chance can be reproduced.
 *
 * @module
 */

import type { RandomSource } from "../../../internal/jitter.ts";

/** Returns the same numbers for the same seed, from 0 inclusive to 1 exclusive (mulberry32). */
export function seededRandom(seed: number): RandomSource {
  let state = seed;
  return () => {
    state = (state + 0x6D2B79F5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A whole number from 0 to `below`, exclusive. */
export function drawBelow(below: number, random: RandomSource): number {
  return Math.floor(random() * below);
}

/** One of the entries. */
export function drawOne<T>(entries: readonly T[], random: RandomSource): T {
  const drawn = entries[drawBelow(entries.length, random)];
  if (drawn === undefined) throw new RangeError("There is nothing to draw from");
  return drawn;
}
