/**
 * Holds frames back while a handler is running.
 *
 * Deno's WebSocket delivers everything that has arrived in one run of the microtask queue: thousands
 * of frames in a burst, one per microtask, while an async handler takes several microtasks for each.
 * Parsed, the waiting frames would take many times the memory of their text, and would overflow a
 * lane whose handler is fast.
 *
 * @module
 */

import { Queue } from "../../internal/queue.ts";
import { TurnBudget } from "../../internal/turn_budget.ts";
import type { Frame } from "../../wsclient/transport.ts";

/**
 * For how many microtasks a frame waits for a handler. A handler that waits for something else must
 * not delay heartbeats. Far more than is needed by an async handler that waits for nothing.
 */
const MAX_MICROTASKS = 64;

/**
 * How many characters are parsed before the next frame waits for the event loop to turn: about 50 ms
 * of work. Our choice; larger than the maximum size of a frame by default.
 */
const MAX_TURN_SIZE = 5 * 1024 * 1024;

/** The handlers behind a gate. */
export interface GatedHandlers {
  /** Whether a handler that is not marked as slow is running. */
  readonly isHandling: boolean;
  /** Marks the running handlers as slow until they are done. */
  markSlow(): void;
}

/** How a gate works. */
export interface FrameGateOptions {
  /** Maximum size of the waiting frames, in bytes; beyond it the oldest are released. */
  readonly maxWaitingBytes: number;
  /** The handlers that frames wait for. */
  readonly handlers: GatedHandlers;
  /**
   * Handles the next frame.
   *
   * @returns How many characters of it were parsed.
   */
  readonly release: (frame: Frame, receivedAt: number) => number;
}

interface WaitingFrame {
  readonly frame: Frame;
  readonly receivedAt: number;
  readonly bytes: number;
}

/** The gate of one connection. */
export class FrameGate {
  readonly #options: FrameGateOptions;
  readonly #waiting: Queue<WaitingFrame> = new Queue();
  readonly #turns: TurnBudget = new TurnBudget(MAX_TURN_SIZE);
  #bytes = 0;
  #isShut = false;
  /**
   * Whether more frames have arrived in this turn than may wait for the next one. On Deno, the
   * event loop does not turn before the peer pauses, so waiting would only keep each frame in
   * memory until later frames push it out, which takes as long as handling it.
   */
  #isFlooded = false;
  #drained: PromiseWithResolvers<void> | undefined;

  /**
   * Creates an open gate.
   *
   * @param options How it works.
   */
  constructor(options: FrameGateOptions) {
    this.#options = options;
  }

  /**
   * Releases a frame immediately, or after those that are waiting.
   *
   * @param frame The frame.
   * @param receivedAt When it was received, in ms of `performance.now()`.
   */
  push(frame: Frame, receivedAt: number): void {
    if (this.#isFlooded && this.#waiting.length > 0) this.#releaseFlood();
    if (this.#mustWait) this.#hold(frame, receivedAt);
    else this.#release(frame, receivedAt);
    if (this.#isShut) return;
    if (this.#waiting.length > 0 || this.#options.handlers.isHandling) void this.#releaseWaiting();
  }

  /** Settles when no frame is waiting. */
  drained(): Promise<void> {
    if (!this.#isShut) return Promise.resolve();
    this.#drained ??= Promise.withResolvers();
    return this.#drained.promise;
  }

  /** Drops the waiting frames permanently. */
  clear(): void {
    this.#waiting.clear();
    this.#bytes = 0;
    this.#turns.stop();
    this.#drained?.resolve();
  }

  #hold(frame: Frame, receivedAt: number): void {
    const bytes = bytesOf(frame);
    this.#waiting.push({ frame, receivedAt, bytes });
    this.#bytes += bytes;
    if (this.#bytes <= this.#options.maxWaitingBytes) return;
    this.#isFlooded = this.#turns.isSpent;
    while (this.#bytes > this.#options.maxWaitingBytes) this.#releaseNext();
  }

  get #mustWait(): boolean {
    if (this.#isFlooded) return this.#options.handlers.isHandling;
    return this.#isShut || this.#turns.isSpent;
  }

  /** Releases waiting frames until a handler is running. */
  #releaseFlood(): void {
    const { handlers } = this.#options;
    while (!handlers.isHandling && this.#releaseNext());
  }

  async #releaseWaiting(): Promise<void> {
    const { handlers } = this.#options;
    this.#isShut = true;
    do {
      for (let count = 0; count < MAX_MICROTASKS && handlers.isHandling; count++) await undefined;
      if (handlers.isHandling) handlers.markSlow();
      if (this.#turns.isSpent) await this.#turns.nextTurn();
      this.#isFlooded = false;
    } while (this.#releaseNext());
    this.#isShut = false;
    this.#drained?.resolve();
    this.#drained = undefined;
  }

  /** @returns Whether a frame was waiting. */
  #releaseNext(): boolean {
    const next = this.#waiting.shift();
    if (next === undefined) return false;
    this.#bytes -= next.bytes;
    this.#release(next.frame, next.receivedAt);
    return true;
  }

  #release(frame: Frame, receivedAt: number): void {
    this.#turns.spend(this.#options.release(frame, receivedAt));
  }
}

/**
 * Assumes two bytes per character, which V8 uses if any character needs them: checking all of them
 * would cost too much.
 */
function bytesOf(frame: Frame): number {
  return typeof frame === "string" ? 2 * frame.length : frame.byteLength;
}
