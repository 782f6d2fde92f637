/**
 * Notices a peer that no longer takes what is sent.
 *
 * @module
 */

import type { Deadline, Deadlines } from "./deadlines.ts";
import type { TransportConnection } from "./transport.ts";

/** How often the send buffer is looked at, from a send until it is empty: so often per deadline. */
const LOOKS_PER_DEADLINE = 6;

/** A UTF-16 code unit takes so many bytes of UTF-8 at most, and one at least. */
const MAX_BYTES_PER_UNIT = 3;

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
  /** Called when the transport throws on being asked for the size of its send buffer. */
  readonly onFailed: (error: unknown) => void;
}

/**
 * Sends, and calls back when the send buffer has not shrunk for the write deadline, or has grown too
 * large. Asking for its size with each message would cost 2 % of the time of a heartbeat on Deno.
 */
export class WriteWatch {
  readonly #connection: TransportConnection;
  readonly #options: WriteWatchOptions;
  readonly #deadlines: Deadlines;
  readonly #nextLook: Deadline;
  /** What waited to be written when that was last asked for, in bytes. */
  #buffered = 0;
  /** What has been sent since, in UTF-16 code units. */
  #sent = 0;
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
    this.#nextLook = deadlines.add(() => {
      // Nobody would catch what a timer throws.
      try {
        this.#look();
      } catch (error) {
        this.#options.onFailed(error);
      }
    });
  }

  /** Sends one text frame. */
  send(text: string): void {
    this.#connection.send(text);
    this.#sent += text.length;
    const { maxBufferedBytes } = this.#options;
    const mayBeBuffered = this.#buffered + this.#sent * MAX_BYTES_PER_UNIT;
    if (mayBeBuffered > maxBufferedBytes && this.#askBuffered() > maxBufferedBytes) {
      return this.#options.onOverflow();
    }
    if (!this.#isLooking) this.#lookLater();
  }

  /** Looks at once whether more waits than may: pongs are not sent here, but count. */
  checkOverflow(): void {
    const { maxBufferedBytes, onOverflow } = this.#options;
    if (this.#askBuffered() > maxBufferedBytes) onOverflow();
  }

  #lookLater(): void {
    this.#isLooking = true;
    this.#deadlines.set(this.#nextLook, this.#options.writeTimeoutMs / LOOKS_PER_DEADLINE);
  }

  #look(): void {
    this.#isLooking = false;
    const buffered = this.#askBuffered();
    const isStalled = buffered > 0 && !this.#isProgressing;
    this.#isProgressing = false;
    // Looks are counted and not the clock read, which may be set at any time.
    this.#looksWithoutProgress = isStalled ? this.#looksWithoutProgress + 1 : 0;
    if (this.#looksWithoutProgress >= LOOKS_PER_DEADLINE) return this.#options.onStalled();
    if (buffered > 0) this.#lookLater();
  }

  #askBuffered(): number {
    const buffered = this.#connection.bufferedAmount;
    // Whatever is missing has been taken.
    if (buffered < this.#buffered + this.#sent) this.#isProgressing = true;
    this.#buffered = buffered;
    this.#sent = 0;
    return buffered;
  }
}
