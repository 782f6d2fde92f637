/**
 * Notices that the machine was suspended. Meanwhile its timers and its monotonic clock stood still,
 * and its connections are most likely dead on the other side; only the wall clock shows it.
 *
 * @module
 */

import { shareInterval } from "../internal/shared_interval.ts";

/**
 * How often to check: this many times per shortest suspension. An idle process does little else, so
 * more checks would cost more than all of its heartbeats.
 */
const LOOKS_PER_SUSPENSION = 2;

/**
 * Calls back when the wall clock is ahead of the time that has passed otherwise. This is the only
 * place where the two clocks are compared. A wall clock that is set forward looks the same as a
 * suspension. A blocked thread does not: its monotonic clock has continued. Nor does a test that
 * advances mocked timers and `Date` in one step: the timers have fired for all of that time. If the
 * monotonic clock counts a suspension, timers do as well, and fire immediately after it.
 */
export class SuspendWatch {
  readonly #intervalMs: number;
  readonly #minSuspensionMs: number;
  readonly #onSuspended: (suspendedMs: number) => void;
  readonly #stop: () => void;
  #lookedAt = { wall: Date.now(), monotonic: performance.now() };
  #firings = 0;
  #isCleared = false;

  /**
   * Starts immediately.
   *
   * @param minSuspensionMs How far ahead the clock must be, in ms. It is checked twice as
   * often.
   * @param onSuspended Called each time, with how far ahead the clock was, in ms.
   */
  constructor(minSuspensionMs: number, onSuspended: (suspendedMs: number) => void) {
    this.#minSuspensionMs = minSuspensionMs;
    this.#onSuspended = onSuspended;
    this.#intervalMs = minSuspensionMs / LOOKS_PER_SUSPENSION;
    this.#stop = shareInterval(this.#intervalMs, () => {
      this.#firings += 1;
      // Mocked timers may fire several times in a row, all after the clock was advanced.
      if (this.#firings === 1) queueMicrotask(() => this.#look());
    });
  }

  /** Stops for good. */
  clear(): void {
    this.#isCleared = true;
    this.#stop();
  }

  #look(): void {
    const now = { wall: Date.now(), monotonic: performance.now() };
    const elapsedMs = Math.max(
      now.monotonic - this.#lookedAt.monotonic,
      this.#firings * this.#intervalMs,
    );
    const aheadMs = now.wall - this.#lookedAt.wall - elapsedMs;
    this.#lookedAt = now;
    this.#firings = 0;
    if (this.#isCleared || aheadMs < this.#minSuspensionMs) return;
    this.#onSuspended(Math.round(aheadMs));
  }
}
