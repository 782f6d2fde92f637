/**
 * Detects a silent peer.
 *
 * @module
 */

import type { Deadline, Deadlines } from "./deadlines.ts";
import { addJitter, type RandomSource } from "../internal/jitter.ts";

/** The idle timeout: a minimum plus jitter, both in ms. */
export interface IdleLimit {
  /** The minimum silence, in ms. */
  readonly idleTimeoutMs: number;
  /** The maximum jitter, in ms. */
  readonly idleJitterMs: number;
}

/** Calls back once nothing has been received for the idle timeout. */
export class IdleTimer {
  readonly #limit: IdleLimit;
  readonly #random: RandomSource;
  readonly #deadlines: Deadlines;
  readonly #deadline: Deadline;
  #resetAt = -Infinity;

  /**
   * Starts immediately.
   *
   * @param limit The timeout; its jitter is drawn again at each {@linkcode IdleTimer.reset}.
   * @param random The random source for the jitter.
   * @param deadlines The deadlines that it uses; clearing them stops it.
   * @param onIdle Called when the timeout expires.
   */
  constructor(
    limit: IdleLimit,
    random: RandomSource,
    deadlines: Deadlines,
    onIdle: () => void,
  ) {
    this.#limit = limit;
    this.#random = random;
    this.#deadlines = deadlines;
    this.#deadline = deadlines.add(onIdle);
    this.reset();
  }

  /** Something was received: starts again, at most once per ms. */
  reset(): void {
    const now = performance.now();
    // Many frames arrive within one ms; a timeout of a minute may be short by that.
    if (now - this.#resetAt < 1) return;
    this.#resetAt = now;
    const { idleTimeoutMs, idleJitterMs } = this.#limit;
    this.#deadlines.set(this.#deadline, addJitter(idleTimeoutMs, idleJitterMs, this.#random));
  }
}
