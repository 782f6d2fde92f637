/**
 * Notices that the machine was suspended. Meanwhile its timers and its monotonic clock stood still,
 * and its connections are most likely dead on the other side; only the wall clock shows it.
 *
 * @module
 */

/** How often the clocks are compared if nothing arrives: this many times per shortest suspension. */
const COMPARISONS_PER_SUSPENSION = 2;

/**
 * How long after a frame the clocks are compared if no other frame arrives, in shortest suspensions.
 * The next heartbeat usually arrives earlier, and compares them without a timer that wakes an idle
 * process.
 */
const SUSPENSIONS_AFTER_FRAME = 1.5;

/** Frames within this time after another one do not compare the clocks, in ms. */
const MIN_INTERVAL_MS = 1000;

/** A timer that fires earlier than it should, by the monotonic clock, in ms, is a mocked one. */
const MAX_EARLY_MS = 5;

/** After a frame that shows a suspension, a timer of this many ms confirms it. */
const CONFIRMATION_MS = 50;

/** Called with how far ahead the wall clock was, in ms. */
type SuspensionListener = (suspendedMs: number) => void;

/**
 * Calls back when the wall clock is ahead of the time that has passed otherwise. This is the only
 * place where the two clocks are compared. A wall clock that is set forward looks the same as a
 * suspension. A blocked thread does not: its monotonic clock has continued. Nor does a test that
 * advances mocked timers and `Date` in one step: only a timer reports a suspension, and a mocked one
 * fires early by the monotonic clock. If the monotonic clock counts a suspension, timers do as well,
 * and fire immediately after it.
 */
export class SuspendWatch {
  readonly #comparison: ClockComparison;
  readonly #onSuspended: SuspensionListener;

  /**
   * Starts immediately.
   *
   * @param minSuspensionMs How far ahead the clock must be, in ms.
   * @param onSuspended Called each time, with how far ahead the clock was, in ms.
   */
  constructor(minSuspensionMs: number, onSuspended: SuspensionListener) {
    this.#onSuspended = onSuspended;
    this.#comparison = comparisons.get(minSuspensionMs) ?? new ClockComparison(minSuspensionMs);
    this.#comparison.add(onSuspended);
  }

  /**
   * Compares the clocks when a frame has arrived, and postpones the next comparison.
   *
   * @param receivedAt The current time, in ms of `performance.now()`.
   */
  frameReceived(receivedAt: number): void {
    this.#comparison.frameReceived(receivedAt);
  }

  /** Stops for good. */
  clear(): void {
    this.#comparison.remove(this.#onSuspended);
  }
}

/** Those in use, by their shortest suspension in ms. */
const comparisons = new Map<number, ClockComparison>();

/**
 * Compares the clocks for all sessions with the same shortest suspension: a thousand sessions need one
 * timer, not a thousand.
 */
class ClockComparison {
  readonly #minSuspensionMs: number;
  readonly #listeners: Set<SuspensionListener> = new Set();
  #last = readClocks();
  #frameAt = -Infinity;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(minSuspensionMs: number) {
    this.#minSuspensionMs = minSuspensionMs;
    comparisons.set(minSuspensionMs, this);
    this.#setTimer(minSuspensionMs / COMPARISONS_PER_SUSPENSION);
  }

  add(listener: SuspensionListener): void {
    // A suspension before a session started is only reported to the others.
    this.#compare();
    this.#listeners.add(listener);
  }

  remove(listener: SuspensionListener): void {
    if (!this.#listeners.delete(listener) || this.#listeners.size > 0) return;
    clearTimeout(this.#timer);
    comparisons.delete(this.#minSuspensionMs);
  }

  frameReceived(receivedAt: number): void {
    // While a session drains, frames still arrive: a timer would keep the process running.
    if (this.#listeners.size === 0) return;
    if (receivedAt - this.#frameAt < MIN_INTERVAL_MS) return;
    this.#frameAt = receivedAt;
    if (this.#aheadMs() >= this.#minSuspensionMs) return this.#setTimer(CONFIRMATION_MS);
    this.#last = readClocks();
    this.#setTimer(this.#minSuspensionMs * SUSPENSIONS_AFTER_FRAME);
  }

  #setTimer(ms: number): void {
    clearTimeout(this.#timer);
    const setAt = performance.now();
    this.#timer = setTimeout(() => {
      const isMocked = performance.now() - setAt < ms - MAX_EARLY_MS;
      this.#setTimer(this.#minSuspensionMs / COMPARISONS_PER_SUSPENSION);
      if (isMocked) this.#last = readClocks();
      else this.#compare();
    }, ms);
  }

  #compare(): void {
    const aheadMs = this.#aheadMs();
    this.#last = readClocks();
    if (aheadMs < this.#minSuspensionMs) return;
    // A listener may stop sessions, which then get no report, and start others.
    for (const listener of Array.from(this.#listeners)) {
      if (this.#listeners.has(listener)) listener(Math.round(aheadMs));
    }
  }

  /** How far the wall clock has got ahead since the last comparison, in ms. */
  #aheadMs(): number {
    const { wall, monotonic } = readClocks();
    return (wall - this.#last.wall) - (monotonic - this.#last.monotonic);
  }
}

function readClocks(): { readonly wall: number; readonly monotonic: number } {
  return { wall: Date.now(), monotonic: performance.now() };
}
