/**
 * First in, first out; taking an item takes the same time whatever the length.
 *
 * @module
 */

/** The queued items, in order of arrival. */
export class Queue<T> {
  #items: (T | undefined)[] = [];
  /** The index of the first item; those before it have been taken. */
  #first = 0;

  /** The number of queued items. */
  get length(): number {
    return this.#items.length - this.#first;
  }

  /** The oldest item, if there is one. */
  get oldest(): T | undefined {
    return this.#items[this.#first];
  }

  /**
   * The newest item that satisfies a condition, if there is one. Takes longer the more items are
   * queued.
   */
  findLast(satisfies: (item: T) => boolean): T | undefined {
    return this.#items.findLast((item) => item !== undefined && satisfies(item));
  }

  /** Adds an item at the end. */
  push(item: T): void {
    this.#items.push(item);
  }

  /** Removes and returns the oldest item, if there is one. */
  shift(): T | undefined {
    // V8 deoptimizes functions that read beyond the end of an array.
    if (this.length === 0) return undefined;
    const item = this.#items[this.#first];
    // A taken item must not be kept in memory.
    this.#items[this.#first] = undefined;
    this.#first += 1;
    // Moving the others takes time in proportion to their number, so it is done when half are gone.
    if (this.#first * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#first);
      this.#first = 0;
    }
    return item;
  }

  /** All queued items, in order; they stay queued. */
  *[Symbol.iterator](): Generator<T> {
    for (const item of this.#items) {
      if (item !== undefined) yield item;
    }
  }

  /** Removes and returns all items. */
  clear(): T[] {
    const items = this.#items.filter((item) => item !== undefined);
    this.#items = [];
    this.#first = 0;
    return items;
  }
}
