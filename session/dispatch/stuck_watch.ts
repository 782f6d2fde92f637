/**
 * Notices a handler that does not finish.
 *
 * @module
 */

/** Watches over one handler after the other; tells once of each that takes too long. */
export class StuckWatch {
  readonly #stuckMs: number;
  readonly #onStuck: () => void;
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
    return this.#since !== undefined && Date.now() - this.#since >= this.#stuckMs;
  }

  /** A handler has begun, perhaps right behind another. */
  begin(): void {
    this.#since = Date.now();
    // One timer serves all that follow each other: setting one costs more than many a handler does.
    if (!this.#stopped) this.#timer ??= this.#lookAfter(this.#stuckMs);
  }

  /** It has finished, and no other follows. */
  rest(): void {
    this.#since = undefined;
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
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
      const leftMs = this.#since + this.#stuckMs - Date.now();
      // A clock that was set back must not put it off for longer than one handler may take.
      this.#timer = this.#lookAfter(Math.min(leftMs, this.#stuckMs));
    }, ms);
  }
}
