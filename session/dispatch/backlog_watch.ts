/**
 * Notices messages that wait in their lane for too long.
 *
 * @module
 */

/** Watches how long the oldest message of a lane has been waiting. */
export class BacklogWatch {
  readonly #limitMs: number;
  readonly #waitingSince: () => number | undefined;
  readonly #onBacklogged: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isReported = false;
  #isStopped = false;

  /**
   * Waits for the first message that waits.
   *
   * @param limitMs How long is too long, in ms.
   * @param waitingSince When the message that has waited longest arrived, in ms of `performance.now()`.
   * @param onBacklogged Called once, until {@linkcode BacklogWatch.rest} starts over.
   */
  constructor(limitMs: number, waitingSince: () => number | undefined, onBacklogged: () => void) {
    this.#limitMs = limitMs;
    this.#waitingSince = waitingSince;
    this.#onBacklogged = onBacklogged;
  }

  /** How long the oldest message has been waiting, in ms; 0 if none waits. */
  get ageMs(): number {
    const since = this.#waitingSince();
    return since === undefined ? 0 : performance.now() - since;
  }

  /** Whether that is too long. */
  get isBacklogged(): boolean {
    return this.ageMs >= this.#limitMs;
  }

  /** Messages may be waiting, and not for a moment only. */
  begin(): void {
    if (this.#isReported || this.#isStopped || this.#waitingSince() === undefined) return;
    this.#timer ??= setTimeout(() => this.#look(), this.#limitMs - this.ageMs);
  }

  /** None waits. */
  rest(): void {
    this.#isReported = false;
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Reports nothing from now on. */
  stop(): void {
    this.#isStopped = true;
    this.rest();
  }

  #look(): void {
    this.#timer = undefined;
    if (!this.isBacklogged) return this.begin();
    this.#isReported = true;
    this.#onBacklogged();
  }
}
