/**
 * Faults that a test asks for, one for each of the next requests.
 *
 * @module
 */

/** What is to go wrong with the next requests of one kind, first in, first out. */
export class FaultQueue<T> {
  readonly #faults: T[] = [];

  /**
   * @param fault What is to go wrong.
   * @param count For how many requests.
   */
  add(fault: T, count: number): void {
    if (!Number.isInteger(count) || count < 1) {
      throw new RangeError(`count must be a whole number of at least 1: current value is ${count}`);
    }
    for (let i = 0; i < count; i++) this.#faults.push(fault);
  }

  /** Takes the fault meant for this request, if there is one. */
  take(): T | undefined {
    return this.#faults.shift();
  }
}
