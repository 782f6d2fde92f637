/**
 * Reads a socket slowly.
 *
 * @module
 */

import type { Duplex } from "node:stream";

/** Time from one reading to the next, in ms: short enough that messages trickle. */
const INTERVAL_MS = 50;

/**
 * Forwards a socket's data at a limited rate. Unread data stays in the system's buffers, so that
 * the other side's writes block.
 */
export class SlowReader {
  readonly #socket: Duplex;
  #timer: ReturnType<typeof setInterval> | undefined;
  #bytesPerInterval = 0;
  #budget = 0;

  /**
   * Does not limit the socket yet.
   *
   * @param socket The socket; something else listens to its `data`.
   */
  constructor(socket: Duplex) {
    this.#socket = socket;
  }

  /** Whether it reads slowly. */
  get limited(): boolean {
    return this.#timer !== undefined;
  }

  /** From now on, limits the number of bytes read per second. */
  limit(bytesPerSecond: number): void {
    this.#bytesPerInterval = bytesPerSecond * INTERVAL_MS / 1000;
    if (this.#timer !== undefined) return;
    // While `readable` has a listener, a stream emits data only when `read` is called.
    this.#socket.on("readable", onReadable);
    this.#timer = setInterval(() => this.#read(), INTERVAL_MS);
  }

  /** Reads normally again. */
  lift(): void {
    if (this.#timer === undefined) return;
    this.stop();
    this.#socket.off("readable", onReadable);
  }

  /** Stops reading for good. */
  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #read(): void {
    // An unused budget must not become a burst.
    this.#budget = Math.min(this.#budget, 1) + this.#bytesPerInterval;
    const bytes = Math.min(Math.floor(this.#budget), this.#socket.readableLength);
    if (bytes === 0) {
      // Detects the end of the stream, too.
      if (this.#socket.readableLength === 0) this.#socket.read(0);
      return;
    }
    this.#budget -= bytes;
    this.#socket.read(bytes);
  }
}

function onReadable(): void {
  // The listener itself has the effect.
}
