/**
 * Notices a peer that no longer takes what is sent.
 *
 * @module
 */

import type { Deadline, Deadlines } from "./deadlines.ts";
import type { TransportConnection } from "./transport.ts";

/** How often the send buffer is looked at while it is not empty: this many times per deadline. */
const LOOKS_PER_DEADLINE = 6;

/** What is watched for. */
export interface WriteWatchOptions {
  /** The write deadline, in ms. */
  readonly writeTimeoutMs: number;
  /** How much may wait to be written, in bytes. */
  readonly maxBufferedBytes: number;
  /** Called at most once, when nothing was taken for the write deadline. */
  readonly onStalled: () => void;
  /** Called when more waits to be written than may. */
  readonly onOverflow: () => void;
}

/**
 * Sends, and calls back when the send buffer has not shrunk for the write deadline, or has grown too
 * large.
 */
export class WriteWatch {
  readonly #connection: TransportConnection;
  readonly #options: WriteWatchOptions;
  readonly #deadlines: Deadlines;
  readonly #nextLook: Deadline;
  /** What waited to be written when it was last asked for. */
  #buffered = 0;
  #isProgressing = false;
  #looksWithoutProgress = 0;
  #isLooking = false;

  /**
   * Watches one connection.
   *
   * @param connection Where to send.
   * @param deadlines What its looks are kept with; clearing them stops it.
   * @param options What is watched for.
   */
  constructor(
    connection: TransportConnection,
    deadlines: Deadlines,
    options: WriteWatchOptions,
  ) {
    this.#connection = connection;
    this.#options = options;
    this.#deadlines = deadlines;
    this.#nextLook = deadlines.add(() => this.#look());
  }

  /** Sends one text frame; costs no timer when the operating system takes it at once. */
  send(text: string): void {
    this.#connection.send(text);
    const buffered = this.#connection.bufferedAmount;
    // A text takes a byte for each character at least, so whatever is missing has been taken.
    if (buffered < this.#buffered + text.length) this.#isProgressing = true;
    this.#buffered = buffered;
    if (buffered > this.#options.maxBufferedBytes) return this.#options.onOverflow();
    if (buffered === 0 || this.#isLooking) return;
    this.#isProgressing = false;
    this.#looksWithoutProgress = 0;
    this.#lookLater();
  }

  #lookLater(): void {
    this.#isLooking = true;
    this.#deadlines.set(this.#nextLook, this.#options.writeTimeoutMs / LOOKS_PER_DEADLINE);
  }

  #look(): void {
    this.#isLooking = false;
    const buffered = this.#connection.bufferedAmount;
    if (buffered === 0) return;
    const isProgressing = this.#isProgressing || buffered < this.#buffered;
    this.#buffered = buffered;
    this.#isProgressing = false;
    // Looks are counted and not the clock read, which may be set at any time.
    this.#looksWithoutProgress = isProgressing ? 0 : this.#looksWithoutProgress + 1;
    if (this.#looksWithoutProgress >= LOOKS_PER_DEADLINE) return this.#options.onStalled();
    this.#lookLater();
  }
}
