/**
 * Protects against a faulty `random` option.
 *
 * @module
 */

import type { RandomSource } from "../internal/jitter.ts";
import { describeError } from "../internal/redaction/describe_error.ts";
import { logger } from "./reporting/log.ts";

/**
 * Draws from the user's random source. If it throws or returns anything but a number from 0 to 1,
 * which would remove delays or disable limits, that is logged once, and `Math.random` is used.
 *
 * @param random The source.
 */
export function boundedRandom(random: RandomSource): RandomSource {
  if (random === Math.random) return random;
  let isReported = false;
  const report = (what: string) => {
    if (!isReported) logger.error("The option random {what}; using Math.random instead", { what });
    isReported = true;
  };
  return () => {
    try {
      const draw = random();
      if (typeof draw === "number" && draw >= 0 && draw <= 1) return draw;
      report(`returned ${typeof draw === "number" ? draw : typeof draw}, not a number from 0 to 1`);
    } catch (error) {
      report(`threw ${describeError(error)}`);
    }
    return Math.random();
  };
}
