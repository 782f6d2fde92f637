/**
 * Detects messages that are queued in their lane for too long.
 *
 * @module
 */

/** Watches how long the oldest message of a lane has been queued. */
export class BacklogWatch {
  readonly #limitMs: number;
  readonly #waitingSince: () => number | undefined;
  readonly #onBacklogged: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isReported = false;
  #isStopped = false;

  /**
   * Creates the watch of one lane.
   *
   * @param limitMs How long a message may be queued, in ms.
   * @param waitingSince When the oldest queued message was received, in ms of `performance.now()`.
   * @param onBacklogged Called once, and again only after {@linkcode BacklogWatch.rest}.
   */
  constructor(limitMs: number, waitingSince: () => number | undefined, onBacklogged: () => void) {
    this.#limitMs = limitMs;
    this.#waitingSince = waitingSince;
    this.#onBacklogged = onBacklogged;
  }

  /** How long ago the oldest queued message was received, in ms; 0 if none is queued. */
  get ageMs(): number {
    const since = this.#waitingSince();
    return since === undefined ? 0 : performance.now() - since;
  }

  /** Whether that is too long ago. */
  get isBacklogged(): boolean {
    return this.ageMs >= this.#limitMs;
  }

  /** Messages may be queued, and for more than a moment. */
  begin(): void {
    if (this.#isReported || this.#isStopped || this.#waitingSince() === undefined) return;
    this.#timer ??= setTimeout(() => this.#check(), this.#limitMs - this.ageMs);
  }

  /** No message is queued. */
  rest(): void {
    this.#isReported = false;
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Stops reporting. */
  stop(): void {
    this.#isStopped = true;
    this.rest();
  }

  #check(): void {
    this.#timer = undefined;
    if (!this.isBacklogged) return this.begin();
    this.#isReported = true;
    this.#onBacklogged();
  }
}
