/**
 * Keeps the page responsive: work is done in slices.
 *
 * @module
 */

/** Maximum time of a slice, in ms; a browser counts a task of 50 ms as long. */
const SLICE_MS = 6;

/** Work that gives way to the browser. */
export class Pace {
  #startedAt = performance.now();

  /** Whether the slice is over: call {@linkcode Pace.rest}. */
  get isOver() {
    return performance.now() - this.#startedAt > SLICE_MS;
  }

  /** Lets the browser do something else. */
  async rest() {
    await new Promise((resolve) => setTimeout(resolve));
    this.#startedAt = performance.now();
  }
}
