/**
 * Lets frames in one by one while a handler is at work.
 *
 * Deno's WebSocket hands out all that has come in one run of the microtask queue: thousands of frames
 * in a burst, one a turn, where an async handler takes some turns for each. Parsed, they would
 * take many times the memory of their text while they wait, and fill a lane whose handler is quick.
 *
 * @module
 */

import { Queue } from "../internal/queue.ts";

/** A frame as it came. */
export type Frame = string | Uint8Array;

/**
 * For so many turns of the microtask queue at most a frame waits for a handler: one that waits for
 * something outside must not hold up heartbeats, nor what its lane has room for or not. Far more than
 * an async handler takes that does not.
 */
const MAX_TURNS = 64;

/**
 * How many characters may wait, or bytes of binary frames, before all are let in: lanes have bounds of
 * their own, and tell when those are reached. Ours, as much as a lane holds by default.
 */
const MAX_WAITING_SIZE = 64 * 1024 * 1024;

/** What a gate works with. */
export interface FrameGateOptions {
  /** Whether a handler is at work that does not count as slow. */
  readonly isBusy: () => boolean;
  /** Has those that are at work count as slow until they are done. */
  readonly countAsSlow: () => void;
  /** Takes the next frame. */
  readonly admit: (frame: Frame) => void;
}

/** Lets in the frames of one connection. */
export class FrameGate {
  readonly #options: FrameGateOptions;
  readonly #waiting: Queue<Frame> = new Queue();
  #size = 0;
  #isShut = false;

  /**
   * Starts open.
   *
   * @param options What it works with.
   */
  constructor(options: FrameGateOptions) {
    this.#options = options;
  }

  /** Takes a frame: lets it in at once, or behind those that wait. */
  take(frame: Frame): void {
    if (this.#isShut) return this.#keep(frame);
    this.#options.admit(frame);
    if (this.#options.isBusy()) void this.#letInOthers();
  }

  /** Lets in all that wait, at once. */
  flush(): void {
    this.#size = 0;
    for (const frame of this.#waiting.clear()) this.#options.admit(frame);
  }

  /** Forgets what waits. */
  clear(): void {
    this.#waiting.clear();
    this.#size = 0;
  }

  #keep(frame: Frame): void {
    this.#waiting.push(frame);
    this.#size += frame.length;
    if (this.#size > MAX_WAITING_SIZE) this.flush();
  }

  async #letInOthers(): Promise<void> {
    const { admit, isBusy, countAsSlow } = this.#options;
    this.#isShut = true;
    for (;;) {
      for (let turn = 0; turn < MAX_TURNS && isBusy(); turn++) await undefined;
      if (isBusy()) countAsSlow();
      const frame = this.#waiting.shift();
      if (frame === undefined) break;
      this.#size -= frame.length;
      admit(frame);
    }
    this.#isShut = false;
  }
}
