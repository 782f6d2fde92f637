/**
 * Notices a silent peer.
 *
 * @module
 */

import { addJitter, type RandomSource } from "./jitter.ts";

/** The idle limit: at least so long, and on top a random part; both in ms. */
export interface IdleLimit {
  /** How long a peer may be silent at least, in ms. */
  readonly idleTimeoutMs: number;
  /** The most of the random part, in ms. */
  readonly idleJitterMs: number;
  /** Where the random part comes from. */
  readonly random: RandomSource;
}

/** Calls back once nothing has been received for the idle limit. */
export class IdleTimer {
  readonly #limit: IdleLimit;
  readonly #onIdle: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** When the timer fires and when the peer will have been silent for too long, in monotonic ms. */
  #firesAt = Infinity;
  #idleAt = 0;
  #resetAt = NaN;

  /**
   * Starts at once.
   *
   * @param limit The limit; its random part is drawn anew at each {@linkcode IdleTimer.reset}.
   * @param onIdle Called at most once.
   */
  constructor(limit: IdleLimit, onIdle: () => void) {
    this.#limit = limit;
    this.#onIdle = onIdle;
    this.reset();
  }

  /**
   * Something was received: starts over.
   *
   * @param now The time, in ms since the epoch: twice the same says that nothing has changed since.
   */
  reset(now: number = Date.now()): void {
    if (now === this.#resetAt) return;
    this.#resetAt = now;
    const { idleTimeoutMs, idleJitterMs, random } = this.#limit;
    // The wall clock may be set at any time.
    this.#idleAt = performance.now() + addJitter(idleTimeoutMs, idleJitterMs, random);
    // Setting a timer costs more than all the rest that is done with a frame, so one that fires too
    // early is left alone: it is set again when it does.
    if (this.#idleAt < this.#firesAt) this.#setTimer();
  }

  /** Stops for good. */
  clear(): void {
    clearTimeout(this.#timer);
  }

  #setTimer(): void {
    clearTimeout(this.#timer);
    this.#firesAt = this.#idleAt;
    this.#timer = setTimeout(() => this.#fired(), this.#idleAt - performance.now());
  }

  #fired(): void {
    if (this.#firesAt < this.#idleAt) return this.#setTimer();
    this.#onIdle();
  }
}
