/**
 * Notices a silent peer.
 *
 * @module
 */

import type { Deadline, Deadlines } from "./deadlines.ts";
import { addJitter, type RandomSource } from "../internal/jitter.ts";

/** The idle limit: at least so long, and on top a random part; both in ms. */
export interface IdleLimit {
  /** How long a peer may be silent at least, in ms. */
  readonly idleTimeoutMs: number;
  /** The most of the random part, in ms. */
  readonly idleJitterMs: number;
}

/** Calls back once nothing has been received for the idle limit. */
export class IdleTimer {
  readonly #limit: IdleLimit;
  readonly #random: RandomSource;
  readonly #deadlines: Deadlines;
  readonly #deadline: Deadline;
  #resetAt = -Infinity;

  /**
   * Starts at once.
   *
   * @param limit The limit; its random part is drawn anew at each {@linkcode IdleTimer.reset}.
   * @param random Where the random part comes from.
   * @param deadlines What it is kept with; clearing them stops it.
   * @param onIdle Is called when that is so.
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

  /** Something was received: starts over, at most once in each ms. */
  reset(): void {
    const now = performance.now();
    // Many frames come within one ms; a limit of a minute may be short by that.
    if (now - this.#resetAt < 1) return;
    this.#resetAt = now;
    const { idleTimeoutMs, idleJitterMs } = this.#limit;
    this.#deadlines.set(this.#deadline, addJitter(idleTimeoutMs, idleJitterMs, this.#random));
  }
}
