/**
 * Writes frames, and detects a peer that no longer accepts them.
 *
 * @module
 */

import type { Deadline, Deadlines } from "./deadlines.ts";
import type { TransportConnection } from "./transport.ts";

/**
 * How often the send buffer is checked within one write timeout, from a send until it is empty. With
 * the default timeout, the next heartbeat usually arrives before the first check.
 */
const CHECKS_PER_TIMEOUT = 3;

/** Maximum size of a UTF-16 code unit in UTF-8, in bytes; the minimum is 1. */
const MAX_BYTES_PER_UNIT = 3;

/** The limits of a writer, and its callbacks. */
export interface FrameWriterOptions {
  /** How long the peer may accept no data while some is waiting, in ms. */
  readonly writeTimeoutMs: number;
  /** Maximum size of the send buffer, in bytes. */
  readonly maxBufferedBytes: number;
  /** Called at most once, when the peer has accepted no data for the write timeout. */
  readonly onStalled: () => void;
  /** Called when the send buffer is larger than the maximum. */
  readonly onOverflow: () => void;
  /** Called when the transport throws while the size of its send buffer is read. */
  readonly onFailed: (error: unknown) => void;
}

/**
 * Writes the frames of one connection. Reading the size of the send buffer with each frame would cost
 * 2 % of the time of a heartbeat on Deno, so it is checked now and then.
 */
export class FrameWriter {
  readonly #connection: TransportConnection;
  readonly #options: FrameWriterOptions;
  readonly #deadlines: Deadlines;
  readonly #nextCheck: Deadline;
  /** The size of the send buffer when it was last read, in bytes. */
  #buffered = 0;
  /** The length of the text sent since, in UTF-16 code units. */
  #sent = 0;
  #isProgressing = false;
  #checksWithoutProgress = 0;
  #isChecking = false;

  /**
   * Creates the writer of one connection.
   *
   * @param connection The connection.
   * @param deadlines Schedules its checks; clearing them stops it.
   * @param options Limits and callbacks.
   */
  constructor(
    connection: TransportConnection,
    deadlines: Deadlines,
    options: FrameWriterOptions,
  ) {
    this.#connection = connection;
    this.#options = options;
    this.#deadlines = deadlines;
    this.#nextCheck = deadlines.add(() => {
      // An exception in a timer would be uncaught.
      try {
        this.#check();
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
    if (mayBeBuffered > maxBufferedBytes && this.#readBuffered() > maxBufferedBytes) {
      return this.#options.onOverflow();
    }
    if (!this.#isChecking) this.#scheduleCheck();
  }

  /** Checks the size of the send buffer now. Pongs count although they are not sent here. */
  checkOverflow(): void {
    const { maxBufferedBytes, onOverflow } = this.#options;
    if (this.#readBuffered() > maxBufferedBytes) onOverflow();
  }

  /** Checks the size of the send buffer now: if it is empty, no timer has to. */
  checkEmpty(): void {
    if (!this.#isChecking || this.#readBuffered() > 0) return;
    this.#isChecking = false;
    this.#isProgressing = false;
    this.#checksWithoutProgress = 0;
    this.#deadlines.unset(this.#nextCheck);
  }

  #scheduleCheck(): void {
    this.#isChecking = true;
    this.#deadlines.set(this.#nextCheck, this.#options.writeTimeoutMs / CHECKS_PER_TIMEOUT);
  }

  #check(): void {
    this.#isChecking = false;
    const buffered = this.#readBuffered();
    const isStalled = buffered > 0 && !this.#isProgressing;
    this.#isProgressing = false;
    // Counts checks instead of reading the clock, which may be set at any time.
    this.#checksWithoutProgress = isStalled ? this.#checksWithoutProgress + 1 : 0;
    if (this.#checksWithoutProgress >= CHECKS_PER_TIMEOUT) return this.#options.onStalled();
    if (buffered > 0) this.#scheduleCheck();
  }

  #readBuffered(): number {
    const buffered = this.#connection.bufferedAmount;
    // The difference has been accepted.
    if (buffered < this.#buffered + this.#sent) this.#isProgressing = true;
    this.#buffered = buffered;
    this.#sent = 0;
    return buffered;
  }
}
