/**
 * Notices a handler that does not finish.
 *
 * @module
 */

/** Watches over one handler after the other; tells once of each that takes too long. */
export class StuckWatch {
  readonly #stuckMs: number;
  readonly #onStuck: () => void;
  /** In ms of `performance.now()`: the wall clock may be set at any time. */
  #since: number | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #stopped = false;

  /**
   * Waits for the first handler.
   *
   * @param stuckMs How long is too long, in ms.
   * @param onStuck Is told.
   */
  constructor(stuckMs: number, onStuck: () => void) {
    this.#stuckMs = stuckMs;
    this.#onStuck = onStuck;
  }

  /** Whether a handler has been at work for too long. */
  get isStuck(): boolean {
    return this.#since !== undefined && performance.now() - this.#since >= this.#stuckMs;
  }

  /**
   * A handler has begun, perhaps right behind another. Sets no timer: most are done before the event
   * loop turns.
   *
   * @param startedAt When, in ms of `performance.now()`.
   */
  begin(startedAt: number): void {
    this.#since = startedAt;
  }

  /** The event loop has turned, and the handler is still at work. */
  setTimer(): void {
    if (this.#since === undefined || this.#stopped) return;
    // One timer serves all that follow each other.
    this.#timer ??= this.#lookAfter(this.#since + this.#stuckMs - performance.now());
  }

  /**
   * It has finished, and no other follows.
   *
   * @returns Whether one was at work.
   */
  rest(): boolean {
    if (this.#since === undefined) return false;
    this.#since = undefined;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    return true;
  }

  /** Tells nothing from now on. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #lookAfter(ms: number): ReturnType<typeof setTimeout> {
    return setTimeout(() => {
      this.#timer = undefined;
      if (this.#since === undefined) return;
      if (this.isStuck) return this.#onStuck();
      this.#timer = this.#lookAfter(this.#since + this.#stuckMs - performance.now());
    }, ms);
  }
}
