/**
 * Reports failures that last.
 *
 * @module
 */

/** A failure that has lasted. */
export interface LastingFailure {
  /** When it began, in ms since the epoch. */
  readonly since: number;
  /** How often it has failed since. */
  readonly failures: number;
  /** The latest error. */
  readonly error: unknown;
}

/** Tracks one operation, and reports while it has been failing without a success in between. */
export class FailureTracker {
  readonly #intervalMs: number;
  readonly #onLasting: (failure: LastingFailure) => void;
  #failure: { since: number; failures: number; error: unknown } | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;

  /**
   * Starts without a failure.
   *
   * @param intervalMs How long it must fail before the first report and between reports, in ms.
   * @param onLasting Is told.
   */
  constructor(intervalMs: number, onLasting: (failure: LastingFailure) => void) {
    this.#intervalMs = intervalMs;
    this.#onLasting = onLasting;
  }

  /** The failure that is going on, if there is one. */
  get failing(): LastingFailure | undefined {
    return this.#failure;
  }

  /** It has failed. */
  recordFailure(error: unknown): void {
    if (this.#failure !== undefined) {
      this.#failure = { ...this.#failure, failures: this.#failure.failures + 1, error };
      return;
    }
    this.#failure = { since: Date.now(), failures: 1, error };
    this.#timer = setInterval(() => this.#report(), this.#intervalMs);
  }

  /** It has succeeded, or nobody cares any more. */
  recordSuccess(): void {
    clearInterval(this.#timer);
    this.#failure = undefined;
  }

  #report(): void {
    if (this.#failure !== undefined) this.#onLasting(this.#failure);
  }
}
