/**
 * Reads a socket slowly.
 *
 * @module
 */

import type { Duplex } from "node:stream";

/** Time from one reading to the next, in ms: short enough that messages trickle. */
const INTERVAL_MS = 50;

/**
 * Hands on what a socket receives at a limited rate. What is not read yet stays in the system's
 * buffers, so that the other side feels it.
 */
export class SlowReader {
  readonly #socket: Duplex;
  #timer: ReturnType<typeof setInterval> | undefined;
  #bytesPerInterval = 0;
  #budget = 0;

  /**
   * Leaves the socket as it is.
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

  /** From now on, reads at most so many bytes per second. */
  limit(bytesPerSecond: number): void {
    this.#bytesPerInterval = bytesPerSecond * INTERVAL_MS / 1000;
    if (this.#timer !== undefined) return;
    // While somebody listens to `readable`, a stream gives data only when it is asked to.
    this.#socket.on("readable", onReadable);
    this.#timer = setInterval(() => this.#read(), INTERVAL_MS);
  }

  /** Reads as usual again. */
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
    // What was not used while nothing came must not become a burst.
    this.#budget = Math.min(this.#budget, 1) + this.#bytesPerInterval;
    const bytes = Math.min(Math.floor(this.#budget), this.#socket.readableLength);
    if (bytes === 0) {
      // Also lets an end of the stream be noticed.
      if (this.#socket.readableLength === 0) this.#socket.read(0);
      return;
    }
    this.#budget -= bytes;
    this.#socket.read(bytes);
  }
}

function onReadable(): void {
  // Listening is all that is wanted.
}
