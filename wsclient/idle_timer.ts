/**
 * Notices a silent peer.
 *
 * @module
 */

import { addJitter, type RandomSource } from "./jitter.ts";

/** Calls back once nothing has been received for the idle limit. */
export class IdleTimer {
  readonly #limit: { idleTimeoutMs: number; idleJitterMs: number; random: RandomSource };
  readonly #onIdle: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #startedAt = NaN;

  /**
   * Starts at once.
   *
   * @param limit `idleTimeoutMs` and, on top, a random part of `idleJitterMs`, drawn anew at each
   * {@linkcode IdleTimer.reset}; both in ms.
   * @param onIdle Called at most once.
   */
  constructor(
    limit: { idleTimeoutMs: number; idleJitterMs: number; random: RandomSource },
    onIdle: () => void,
  ) {
    this.#limit = limit;
    this.#onIdle = onIdle;
    this.reset();
  }

  /**
   * Something was received: starts over.
   *
   * @param now The time, in ms since the epoch.
   */
  reset(now: number = Date.now()): void {
    // In a burst, a timer for each frame would cost more than all the rest that is done with it.
    if (now === this.#startedAt) return;
    this.#startedAt = now;
    clearTimeout(this.#timer);
    const { idleTimeoutMs, idleJitterMs, random } = this.#limit;
    this.#timer = setTimeout(this.#onIdle, addJitter(idleTimeoutMs, idleJitterMs, random));
  }

  /** Stops for good. */
  clear(): void {
    clearTimeout(this.#timer);
  }
}
