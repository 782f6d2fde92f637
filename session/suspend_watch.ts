/**
 * Notices that the machine was suspended. Its timers stood still meanwhile and go on with what was
 * left of them, and its connections are most likely dead on the other side; only the wall clock
 * tells.
 *
 * @module
 */

/** How often to look: this many times per shortest suspension. */
const LOOKS_PER_SUSPENSION = 6;

/**
 * Calls back when the wall clock is found to be ahead of the timer that looks at it. A clock that is
 * set forward looks the same, and so does a thread that was blocked for as long; a clock that is set
 * back tells nothing.
 */
export class SuspendWatch {
  readonly #timer: ReturnType<typeof setInterval>;

  /**
   * Starts at once.
   *
   * @param minSuspensionMs How far ahead the clock must be, in ms. It is looked at six times as often.
   * @param onSuspended Is told each time, with how far ahead it was, in ms.
   */
  constructor(minSuspensionMs: number, onSuspended: (suspendedMs: number) => void) {
    const intervalMs = minSuspensionMs / LOOKS_PER_SUSPENSION;
    let lookedAt = Date.now();
    this.#timer = setInterval(() => {
      const now = Date.now();
      const aheadMs = now - lookedAt - intervalMs;
      lookedAt = now;
      if (aheadMs >= minSuspensionMs) onSuspended(Math.round(aheadMs));
    }, intervalMs);
  }

  /** Stops for good. */
  clear(): void {
    clearInterval(this.#timer);
  }
}
