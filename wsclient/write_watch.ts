/**
 * Notices a peer that no longer takes what is sent.
 *
 * @module
 */

import type { TransportConnection } from "./transport.ts";

/** How often the send buffer is looked at while it is not empty: this many times per deadline. */
const LOOKS_PER_DEADLINE = 6;

/** Sends, and calls back when the send buffer has not shrunk for the write deadline. */
export class WriteWatch {
  readonly #connection: TransportConnection;
  readonly #writeTimeoutMs: number;
  readonly #onStalled: () => void;
  #queuedBytes = 0;
  #takenBytes = 0;
  #looksWithoutProgress = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * Watches one connection.
   *
   * @param connection Where to send.
   * @param writeTimeoutMs The write deadline, in ms.
   * @param onStalled Called at most once.
   */
  constructor(connection: TransportConnection, writeTimeoutMs: number, onStalled: () => void) {
    this.#connection = connection;
    this.#writeTimeoutMs = writeTimeoutMs;
    this.#onStalled = onStalled;
  }

  /** Sends one text frame; costs no timer when the operating system takes it at once. */
  send(text: string): void {
    const before = this.#connection.bufferedAmount;
    this.#connection.send(text);
    const buffered = this.#connection.bufferedAmount;
    this.#queuedBytes += buffered - before;
    if (buffered === 0 || this.#timer !== undefined) return;
    this.#takenBytes = this.#queuedBytes - buffered;
    this.#looksWithoutProgress = 0;
    this.#lookLater();
  }

  /** Stops for good. */
  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #lookLater(): void {
    this.#timer = setTimeout(() => this.#look(), this.#writeTimeoutMs / LOOKS_PER_DEADLINE);
  }

  #look(): void {
    this.#timer = undefined;
    const buffered = this.#connection.bufferedAmount;
    if (buffered === 0) return;
    const taken = this.#queuedBytes - buffered;
    // Looks are counted and not the clock read, which may be set at any time.
    this.#looksWithoutProgress = taken > this.#takenBytes ? 0 : this.#looksWithoutProgress + 1;
    this.#takenBytes = taken;
    if (this.#looksWithoutProgress >= LOOKS_PER_DEADLINE) return this.#onStalled();
    this.#lookLater();
  }
}
