/**
 * The lasting faults that affect the emulator's frames on one connection.
 *
 * @module
 */

import { Buffer } from "node:buffer";

/** Writes one frame: `fin` is `false` for all fragments of a message but the last. */
export type WriteFrame = (data: string | Uint8Array, binary: boolean, fin: boolean) => void;

interface Message {
  readonly data: string | Uint8Array;
  readonly timer: Timer;
}

type Timer = ReturnType<typeof setTimeout>;

/**
 * Every message passes through the active faults in this order: reorder, duplicate, delay,
 * fragment.
 */
export class OutgoingFaults {
  readonly #write: WriteFrame;
  #withinMs: number | undefined;
  /** The message that waits for its partner. */
  #held: Message | undefined;
  #duplicate = false;
  #delayMs = 0;
  readonly #delayed: Message[] = [];
  #fragmentBytes: number | undefined;

  /**
   * Starts without any fault.
   *
   * @param write Writes a frame to the connection.
   */
  constructor(write: WriteFrame) {
    this.#write = write;
  }

  /** Whether messages are held back. */
  get slowed(): boolean {
    return this.#withinMs !== undefined || this.#delayMs > 0 || this.#delayed.length > 0;
  }

  /** Number of copies sent of each message. */
  get copies(): number {
    return this.#duplicate ? 2 : 1;
  }

  /** From now on, swaps every two messages; one without a partner is sent after `withinMs`. */
  reorder(withinMs: number): void {
    this.#withinMs = withinMs;
  }

  /** Starts sending every message twice. */
  duplicate(): void {
    this.#duplicate = true;
  }

  /** From now on, delays every message by `ms`. */
  delay(ms: number): void {
    this.#delayMs = ms;
  }

  /** Starts sending every message in fragments of this size. */
  fragment(bytes: number): void {
    this.#fragmentBytes = bytes;
  }

  /** Sends a message as the active faults permit. */
  send(data: string | Uint8Array): void {
    if (this.#held !== undefined) {
      this.#sendCopies(data);
      return this.#release();
    }
    if (this.#withinMs === undefined) return this.#sendCopies(data);
    this.#held = { data, timer: setTimeout(() => this.#release(), this.#withinMs) };
  }

  /** Ends reorder, and sends the message that it holds back immediately. */
  liftReorder(): void {
    this.#withinMs = undefined;
    this.#release();
  }

  /** Ends duplicate. */
  liftDuplicate(): void {
    this.#duplicate = false;
  }

  /** Ends delay, and sends the messages that it holds back immediately. */
  liftDelay(): void {
    this.#delayMs = 0;
    const last = this.#delayed.at(-1);
    if (last !== undefined) this.#sendThrough(last);
  }

  /** Ends fragment. */
  liftFragment(): void {
    this.#fragmentBytes = undefined;
  }

  /** Drops the held-back messages: the connection can no longer send. */
  drop(): void {
    clearTimeout(this.#held?.timer);
    this.#held = undefined;
    for (const { timer } of this.#delayed.splice(0)) clearTimeout(timer);
  }

  #release(): void {
    if (this.#held === undefined) return;
    const { data, timer } = this.#held;
    clearTimeout(timer);
    this.#held = undefined;
    this.#sendCopies(data);
  }

  #sendCopies(data: string | Uint8Array): void {
    this.#sendLater(data);
    if (this.#duplicate) this.#sendLater(data);
  }

  #sendLater(data: string | Uint8Array): void {
    // While earlier messages wait, a later one must not overtake them.
    if (this.#delayMs === 0 && this.#delayed.length === 0) return this.#sendFragments(data);
    const message: Message = {
      data,
      timer: setTimeout(() => this.#sendThrough(message), this.#delayMs),
    };
    this.#delayed.push(message);
  }

  /**
   * Sends the waiting messages, up to a given one: a shorter delay than before must not change the
   * order.
   */
  #sendThrough(last: Message): void {
    for (const { data, timer } of this.#delayed.splice(0, this.#delayed.indexOf(last) + 1)) {
      clearTimeout(timer);
      this.#sendFragments(data);
    }
  }

  #sendFragments(data: string | Uint8Array): void {
    const binary = typeof data !== "string";
    const size = this.#fragmentBytes;
    if (size === undefined || data.length === 0) return this.#write(data, binary, true);
    const bytes = Buffer.from(data);
    for (let start = 0; start < bytes.length; start += size) {
      const end = start + size;
      this.#write(bytes.subarray(start, end), binary, end >= bytes.length);
    }
  }
}
