/**
 * The newest entries, within limits.
 *
 * @module
 */

import { Queue } from "../internal/queue.ts";

/** How much a history keeps; the oldest entries are dropped first. */
export interface HistoryLimits {
  /** Maximum number of entries. */
  readonly maxEntries: number;
  /** Maximum memory of all entries, in bytes. The newest entry is kept whatever its size. */
  readonly maxBytes: number;
}

/** Entries, the newest last. */
export class History<T> {
  /** The entries. */
  readonly entries: T[] = [];
  readonly #limits: HistoryLimits;
  readonly #sizes = new Queue<number>();
  #bytes = 0;

  /**
   * @param limits How much is kept.
   */
  constructor(limits: HistoryLimits) {
    this.#limits = limits;
  }

  /**
   * Adds an entry, and drops the oldest ones beyond the limits.
   *
   * @param entry The entry.
   * @param bytes Its memory, in bytes.
   */
  push(entry: T, bytes: number): void {
    this.entries.push(entry);
    this.#sizes.push(bytes);
    this.#bytes += bytes;
    while (this.#isOverfull) {
      this.entries.shift();
      this.#bytes -= this.#sizes.shift() ?? 0;
    }
  }

  get #isOverfull(): boolean {
    const { maxEntries, maxBytes } = this.#limits;
    const { length } = this.entries;
    return length > maxEntries || (this.#bytes > maxBytes && length > 1);
  }
}
