/**
 * First in, first out; taking one takes the same time however many wait.
 *
 * @module
 */

/** What waits, in the order in which it came. */
export class Queue<T> {
  #items: (T | undefined)[] = [];
  /** Where the first item is; those before it have been taken. */
  #first = 0;

  /** How many wait. */
  get length(): number {
    return this.#items.length - this.#first;
  }

  /** What has waited longest, if anything waits. */
  get oldest(): T | undefined {
    return this.#items[this.#first];
  }

  /** The newest item that satisfies a condition, if there is one. Takes longer the more items wait. */
  findLast(satisfies: (item: T) => boolean): T | undefined {
    return this.#items.findLast((item) => item !== undefined && satisfies(item));
  }

  /** Adds behind the others. */
  push(item: T): void {
    this.#items.push(item);
  }

  /** Takes what has waited longest, if anything waits. */
  shift(): T | undefined {
    const item = this.#items[this.#first];
    if (this.length === 0) return undefined;
    // What has been taken must not be held on to.
    this.#items[this.#first] = undefined;
    this.#first += 1;
    // Moving the others costs as much as there are, so it is done when half are gone.
    if (this.#first * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#first);
      this.#first = 0;
    }
    return item;
  }

  /** All that wait, in order; they go on waiting. */
  *[Symbol.iterator](): Generator<T> {
    for (const item of this.#items) {
      if (item !== undefined) yield item;
    }
  }

  /** Takes all. */
  clear(): T[] {
    const items = this.#items.filter((item) => item !== undefined);
    this.#items = [];
    this.#first = 0;
    return items;
  }
}
