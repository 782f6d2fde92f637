/**
 * Several deadlines that share one timer.
 *
 * @module
 */

/** A deadline, which may be unset. */
export interface Deadline {
  /** When it expires, in ms of `performance.now()`: the wall clock may be set at any time. */
  at: number;
  /** Called when it has expired. */
  readonly onPassed: () => void;
}

/**
 * A timer that fires this late, in ms, shows that the thread was blocked or the process stopped.
 */
const LATE_MS = 1000;

/**
 * Frames that arrived meanwhile get this long to be read, in ms, before an overdue deadline
 * expires.
 */
const GRACE_MS = 1000;

/**
 * The deadlines of one connection. A timer would account for most of the memory and time spent on
 * watching a connection: so there is one, and one that fires too early is left in place and
 * set again when it does.
 */
export class Deadlines {
  readonly #deadlines: Deadline[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #firesAt = Infinity;
  #isCleared = false;
  #isInGrace = false;

  /**
   * Adds a deadline that does not expire before it is set.
   *
   * @param onPassed Called each time it expires.
   */
  add(onPassed: () => void): Deadline {
    const deadline: Deadline = { at: Infinity, onPassed };
    this.#deadlines.push(deadline);
    return deadline;
  }

  /** Sets or moves a deadline to `ms` milliseconds from now. */
  set(deadline: Deadline, ms: number): void {
    if (this.#isCleared) return;
    deadline.at = performance.now() + ms;
    if (deadline.at < this.#firesAt) this.#setTimer(deadline.at);
  }

  /** Clears a deadline until it is set again. */
  unset(deadline: Deadline): void {
    deadline.at = Infinity;
  }

  /** Clears all deadlines permanently. */
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
    // Timers run before frames in the first turn after the thread was blocked. Granted only once:
    // on a thread that is always late, deadlines must still expire.
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
