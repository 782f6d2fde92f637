/**
 * Delays that grow from one failure to the next.
 *
 * @module
 */

import { addJitter, type RandomSource } from "../internal/jitter.ts";

/** How delays grow. */
export interface BackoffOptions {
  /** The first delay, in ms; the reference's `connectionBackoffMin`. */
  readonly backoffMinMs: number;
  /** The maximum delay before jitter, in ms; the reference's `connectionBackoffMax`. */
  readonly backoffMaxMs: number;
  /** The source of jitter. */
  readonly random: RandomSource;
}

/** The factor from one delay to the next; the reference's `connectionBackoffMultiplier`. */
const MULTIPLIER = 1.5;

/** Maximum jitter, as a fraction of the delay; the reference's `connectionBackoffJitter`. */
const JITTER = 0.2;

/**
 * The delay after a failure, in whole ms.
 *
 * @param failures The number of failures in a row before it.
 * @param options How delays grow.
 */
export function backoffMs(
  failures: number,
  { backoffMinMs, backoffMaxMs, random }: BackoffOptions,
): number {
  const ms = Math.min(backoffMaxMs, backoffMinMs * MULTIPLIER ** failures);
  // Timers count whole ms. Rounding up keeps a delay from being too short.
  return Math.ceil(addJitter(ms, ms * JITTER, random));
}
