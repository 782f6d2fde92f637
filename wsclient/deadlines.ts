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
 * If a deadline is moved and the timer would fire at least this much too early, in ms, the timer is
 * set again. In an idle process, each heartbeat therefore postpones the timer, which costs less
 * than a timer that fires in between; in a burst of messages, hardly any message does.
 */
const TOO_EARLY_MS = 10_000;

/**
 * The deadlines of one connection. A timer would account for most of the memory and time spent on
 * watching a connection: so there is one, and one that fires a little too early is left in place and
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
    const next = this.#next();
    if (next < this.#firesAt) return this.#setTimer(next);
    if (next < this.#firesAt + TOO_EARLY_MS) return;
    this.#isInGrace = false;
    this.#setTimer(next);
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
    const next = this.#next();
    if (next < this.#firesAt) this.#setTimer(next);
  }

  /** When the next deadline expires. */
  #next(): number {
    let next = Infinity;
    for (const { at } of this.#deadlines) if (at < next) next = at;
    return next;
  }
}
