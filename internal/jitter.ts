/**
 * Jitter, which keeps many instances from acting in step.
 *
 * @module
 */

/** Returns a number from 0 (included) to 1 (excluded), as `Math.random` does. */
export type RandomSource = () => number;

/**
 * Adds jitter.
 *
 * @param ms The duration, in ms.
 * @param jitterMs The maximum added, in ms.
 * @param random The random source.
 * @returns `ms` plus 0 to `jitterMs`.
 */
export function addJitter(ms: number, jitterMs: number, random: RandomSource): number {
  return ms + random() * jitterMs;
}
