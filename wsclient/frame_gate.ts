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
import { TurnBudget } from "../internal/turn_budget.ts";

/** A frame as it came. */
export type Frame = string | Uint8Array;

/**
 * For so many turns of the microtask queue at most a frame waits for a handler: one that waits for
 * something outside must not hold up heartbeats, nor what its lane has room for or not. Far more than
 * an async handler takes that does not.
 */
const MAX_TURNS = 64;

/**
 * How many characters are parsed in one turn of the event loop, some 50 ms of it, before the next frame
 * waits for a turn. Ours; more than one frame may have by default.
 */
const MAX_TURN_SIZE = 5 * 1024 * 1024;

/** What a gate works with. */
export interface FrameGateOptions {
  /**
   * How many bytes of frames may wait before the oldest are let in: lanes have bounds of their own, and
   * report when those are reached.
   */
  readonly maxWaitingBytes: number;
  /** Whether a handler is at work that does not count as slow. */
  readonly isBusy: () => boolean;
  /** Has those that are at work count as slow until they are done. */
  readonly countAsSlow: () => void;
  /** Takes the next frame, and returns how many characters of it were parsed. */
  readonly admit: (frame: Frame) => number;
}

/** Lets in the frames of one connection. */
export class FrameGate {
  readonly #options: FrameGateOptions;
  readonly #waiting: Queue<Frame> = new Queue();
  readonly #turns: TurnBudget = new TurnBudget(MAX_TURN_SIZE);
  #bytes = 0;
  #isShut = false;
  #onEmpty: (() => void) | undefined;

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
    if (this.#turns.isSpent) this.#keep(frame);
    else this.#letIn(frame);
    if (this.#waiting.length > 0 || this.#options.isBusy()) void this.#letInOthers();
  }

  /** Calls back once nothing waits: at once, if so now. The last callback counts. */
  whenEmpty(onEmpty: () => void): void {
    if (this.#isShut) this.#onEmpty = onEmpty;
    else onEmpty();
  }

  /** Forgets what waits, for good. */
  clear(): void {
    this.#waiting.clear();
    this.#bytes = 0;
    this.#onEmpty = undefined;
    this.#turns.stop();
  }

  #keep(frame: Frame): void {
    this.#waiting.push(frame);
    this.#bytes += bytesOf(frame);
    while (this.#bytes > this.#options.maxWaitingBytes) this.#letInNext();
  }

  async #letInOthers(): Promise<void> {
    const { isBusy, countAsSlow } = this.#options;
    this.#isShut = true;
    do {
      for (let turn = 0; turn < MAX_TURNS && isBusy(); turn++) await undefined;
      if (isBusy()) countAsSlow();
      if (this.#turns.isSpent) await this.#turns.nextTurn();
    } while (this.#letInNext());
    this.#isShut = false;
    this.#onEmpty?.();
  }

  /** Whether one waited. */
  #letInNext(): boolean {
    const frame = this.#waiting.shift();
    if (frame === undefined) return false;
    this.#bytes -= bytesOf(frame);
    this.#letIn(frame);
    return true;
  }

  #letIn(frame: Frame): void {
    this.#turns.spend(this.#options.admit(frame));
  }
}

/** A text takes two bytes for each character if one of them needs two. */
function bytesOf(frame: Frame): number {
  return typeof frame === "string" ? 2 * frame.length : frame.byteLength;
}
