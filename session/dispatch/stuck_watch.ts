/**
 * Detects a handler that does not finish.
 *
 * @module
 */

/** Watches one handler after the other, and reports each slow one once. */
export class StuckWatch {
  readonly #stuckMs: number;
  readonly #onStuck: () => void;
  /** When the handler started, in ms of `performance.now()`. */
  #since: number | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isStopped = false;

  /**
   * Creates a watch without a handler.
   *
   * @param stuckMs How long a handler may run, in ms.
   * @param onStuck Called once for each handler that runs longer.
   */
  constructor(stuckMs: number, onStuck: () => void) {
    this.#stuckMs = stuckMs;
    this.#onStuck = onStuck;
  }

  /** Whether the current handler has been running for too long. */
  get isStuck(): boolean {
    return this.#since !== undefined && performance.now() - this.#since >= this.#stuckMs;
  }

  /**
   * A handler has started, perhaps right after another. Sets no timer: most handlers are done before
   * the event loop turns.
   *
   * @param startedAt When, in ms of `performance.now()`.
   */
  begin(startedAt: number): void {
    this.#since = startedAt;
  }

  /** The event loop has turned, and the handler is still running. */
  setTimer(): void {
    if (this.#since === undefined || this.#isStopped) return;
    // One timer serves consecutive handlers.
    this.#timer ??= this.#checkAfter(this.#since + this.#stuckMs - performance.now());
  }

  /**
   * The handler has finished, and no other follows.
   *
   * @returns Whether one was running.
   */
  rest(): boolean {
    if (this.#since === undefined) return false;
    this.#since = undefined;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    return true;
  }

  /** Stops reporting. */
  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  #checkAfter(ms: number): ReturnType<typeof setTimeout> {
    return setTimeout(() => {
      this.#timer = undefined;
      if (this.#since === undefined) return;
      if (this.isStuck) return this.#onStuck();
      this.#timer = this.#checkAfter(this.#since + this.#stuckMs - performance.now());
    }, ms);
  }
}
