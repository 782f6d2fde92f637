/**
 * Keeps the page responsive by splitting work into slices.
 *
 * @module
 */

/** Maximum duration of a slice, in ms; browsers consider tasks over 50 ms long. */
const SLICE_MS = 6;

/** Work that regularly yields to the browser. */
export class Pace {
  #startedAt = performance.now();

  /** Whether the slice is over: call {@linkcode Pace.rest}. */
  get isOver() {
    return performance.now() - this.#startedAt > SLICE_MS;
  }

  /** Yields to the browser, and starts a new slice. */
  async rest() {
    await new Promise((resolve) => setTimeout(resolve));
    this.#startedAt = performance.now();
  }
}
