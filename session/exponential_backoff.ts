/**
 * Delays that grow from one failure to the next.
 *
 * @module
 */

import { addJitter, type RandomSource } from "../internal/jitter.ts";
import { checkNumber } from "../internal/number_option.ts";
import { checkOptionNames, type OptionNames } from "../internal/option_names.ts";

/** How delays grow. */
export interface ExponentialBackoffOptions {
  /** The first delay, in ms. Default 250, the reference agent's `connectionBackoffMin`. */
  readonly minMs?: number;
  /** The longest delay before jitter, in ms. Default 120 000, its `connectionBackoffMax`. */
  readonly maxMs?: number;
  /** The factor from one delay to the next. Default 1.5, its `connectionBackoffMultiplier`. */
  readonly multiplier?: number;
  /** How much of a delay is added as jitter. Default 0.2, its `connectionBackoffJitter`. */
  readonly jitter?: number;
  /** The random source. Default `Math.random`. */
  readonly random?: RandomSource;
}

const OPTION_NAMES: OptionNames<ExponentialBackoffOptions> = {
  minMs: true,
  maxMs: true,
  multiplier: true,
  jitter: true,
  random: true,
};

/**
 * The delays before each retry.
 *
 * @example
 * ```ts
 * import { ExponentialBackoff } from "@acs/session";
 *
 * const backoff = new ExponentialBackoff({ random: () => 0 });
 * console.log(backoff.duration(), backoff.duration()); // 250 375
 * ```
 */
export class ExponentialBackoff {
  readonly #minMs: number;
  readonly #maxMs: number;
  readonly #multiplier: number;
  readonly #jitter: number;
  readonly #random: RandomSource;
  #currentMs: number;

  /**
   * Creates the delays.
   *
   * @param options How delays grow.
   * @throws {RangeError} If an option is unknown, a number is negative or not finite, or the
   * multiplier is below 1.
   */
  constructor(options: ExponentialBackoffOptions = {}) {
    checkOptionNames(options, OPTION_NAMES, "");
    this.#minMs = atLeast(1, options.minMs ?? 250, "minMs");
    this.#maxMs = atLeast(this.#minMs, options.maxMs ?? 120_000, "maxMs");
    this.#multiplier = atLeast(1, options.multiplier ?? 1.5, "multiplier");
    this.#jitter = atLeast(0, options.jitter ?? 0.2, "jitter");
    this.#random = options.random ?? Math.random;
    this.#currentMs = this.#minMs;
  }

  /** The next delay, in ms; each is longer than the one before until the maximum is reached. */
  duration(): number {
    const ms = this.#currentMs;
    this.#currentMs = Math.min(this.#maxMs, ms * this.#multiplier);
    return addJitter(ms, ms * this.#jitter, this.#random);
  }

  /** Starts again with the first delay. */
  reset(): void {
    this.#currentMs = this.#minMs;
  }
}

function atLeast(min: number, value: number, name: string): number {
  return checkNumber(name, value, { min, max: Number.MAX_VALUE });
}
