/**
 * Random parts of time spans, which keep many instances from acting in step.
 *
 * @module
 */

/** Returns a number from 0 (included) to 1 (excluded), as `Math.random` does. */
export type RandomSource = () => number;

/**
 * Adds a random part.
 *
 * @param ms The span, in ms.
 * @param jitterMs The most that is added, in ms.
 * @param random Where the randomness comes from.
 * @returns `ms` plus 0 to `jitterMs`.
 */
export function addJitter(ms: number, jitterMs: number, random: RandomSource): number {
  return ms + random() * jitterMs;
}
