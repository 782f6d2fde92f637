/**
 * Several deadlines that share one timer.
 *
 * @module
 */

/** Something that is due at a time of its own, or not at all. */
export interface Deadline {
  /** When it passes, in ms of `performance.now()`: the wall clock may be set at any time. */
  at: number;
  /** Is called when it has passed. */
  readonly onPassed: () => void;
}

/** A timer that fires this late, in ms, shows that the thread was blocked or the process stopped. */
const LATE_MS = 1000;

/** What has come meanwhile gets this long to be read, in ms, before a deadline that is over passes. */
const GRACE_MS = 1000;

/**
 * The deadlines of one connection. A timer takes most of the memory of what one connection is watched
 * by, and setting it most of the time: so there is one, and one that fires too early is left alone
 * and set again when it does.
 */
export class Deadlines {
  readonly #deadlines: Deadline[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #firesAt = Infinity;
  #isCleared = false;
  #isInGrace = false;

  /**
   * Adds one that does not pass before it is set.
   *
   * @param onPassed Is called each time it has passed.
   */
  add(onPassed: () => void): Deadline {
    const deadline: Deadline = { at: Infinity, onPassed };
    this.#deadlines.push(deadline);
    return deadline;
  }

  /** Has a deadline pass in so many ms, and not when it was to pass before. */
  set(deadline: Deadline, ms: number): void {
    if (this.#isCleared) return;
    deadline.at = performance.now() + ms;
    if (deadline.at < this.#firesAt) this.#setTimer(deadline.at);
  }

  /** Stops all for good. */
  clear(): void {
    this.#isCleared = true;
    for (const deadline of this.#deadlines) deadline.at = Infinity;
    clearTimeout(this.#timer);
  }

  #setTimer(at: number): void {
    clearTimeout(this.#timer);
    this.#firesAt = at;
    this.#timer = setTimeout(() => this.#fired(), at - performance.now());
  }

  #fired(): void {
    const firedFor = this.#firesAt;
    const now = performance.now();
    // Timers come before frames in the first turn of a thread that was blocked. Once only: a thread
    // that is always late must not keep a deadline from passing.
    this.#isInGrace = now - firedFor >= LATE_MS && !this.#isInGrace;
    if (this.#isInGrace) return this.#setTimer(now + GRACE_MS);
    this.#firesAt = Infinity;
    for (const deadline of this.#deadlines) {
      if (deadline.at > firedFor) continue;
      deadline.at = Infinity;
      deadline.onPassed();
    }
    const next = Math.min(...this.#deadlines.map(({ at }) => at));
    if (next < this.#firesAt) this.#setTimer(next);
  }
}
