/**
 * Reports ongoing failures.
 *
 * @module
 */

/** An ongoing failure. */
export interface OngoingFailure {
  /** When it began, in ms since the epoch. */
  readonly since: number;
  /** The number of failures since then. */
  readonly failures: number;
  /** The latest error. */
  readonly error: unknown;
}

/** Tracks one operation, and reports while it keeps failing without a success in between. */
export class FailureTracker {
  readonly #intervalMs: number;
  readonly #onOngoing: (failure: OngoingFailure) => void;
  #failure: { since: number; failures: number; error: unknown } | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;

  /**
   * @param intervalMs How long it must fail before the first report and between reports, in ms.
   * @param onOngoing Called with each report.
   */
  constructor(intervalMs: number, onOngoing: (failure: OngoingFailure) => void) {
    this.#intervalMs = intervalMs;
    this.#onOngoing = onOngoing;
  }

  /** The ongoing failure, if there is one. */
  get failing(): OngoingFailure | undefined {
    return this.#failure;
  }

  /** Records a failure. */
  recordFailure(error: unknown): void {
    if (this.#failure !== undefined) {
      this.#failure = { ...this.#failure, failures: this.#failure.failures + 1, error };
      return;
    }
    this.#failure = { since: Date.now(), failures: 1, error };
    this.#timer = setInterval(() => this.#report(), this.#intervalMs);
  }

  /** Records a success; also called when the session stops. */
  recordSuccess(): void {
    clearInterval(this.#timer);
    this.#failure = undefined;
  }

  #report(): void {
    if (this.#failure !== undefined) this.#onOngoing(this.#failure);
  }
}
