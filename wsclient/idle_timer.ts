/**
 * Detects a silent peer.
 *
 * @module
 */

import type { Deadline, Deadlines } from "./deadlines.ts";
import { addJitter, type RandomSource } from "../internal/jitter.ts";

/** The idle timeout. */
export interface IdleLimit {
  /** How long the peer may be silent, in ms. */
  readonly idleTimeoutMs: number;
  /** Maximum jitter added to it, in ms. */
  readonly idleJitterMs: number;
}

/** Calls back when nothing has been received for the idle timeout. */
export class IdleTimer {
  readonly #limit: IdleLimit;
  readonly #random: RandomSource;
  readonly #deadlines: Deadlines;
  readonly #deadline: Deadline;
  #resetAt = -Infinity;

  /**
   * Starts the timer.
   *
   * @param limit The timeout; its jitter is drawn again at each {@linkcode IdleTimer.reset}.
   * @param random The source of jitter.
   * @param deadlines Schedules it; clearing them stops it.
   * @param onIdle Called after the timeout.
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
    this.reset(performance.now());
  }

  /**
   * Starts the timeout again, at most once per ms.
   *
   * @param now The current time, in ms of `performance.now()`.
   * @returns Whether the timer was restarted.
   */
  reset(now: number): boolean {
    // Many frames arrive within 1 ms, which does not matter to a timeout of a minute.
    if (now - this.#resetAt < 1) return false;
    this.#resetAt = now;
    const { idleTimeoutMs, idleJitterMs } = this.#limit;
    this.#deadlines.set(this.#deadline, addJitter(idleTimeoutMs, idleJitterMs, this.#random));
    return true;
  }
}
