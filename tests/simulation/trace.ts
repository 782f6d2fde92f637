/**
 * The trace of a simulation: one line for everything that happens, and a hash of all lines.
 *
 * @module
 */

import { createHash, type Hash } from "node:crypto";

/** How many of the newest lines are kept. */
const KEPT_LINES = 400;

/** Records what happens. */
export class Trace {
  readonly #hash: Hash = createHash("sha256");
  readonly #elapsedMs: () => number;
  readonly #onLine: ((line: string) => void) | undefined;
  readonly #newest: string[] = [];
  #count = 0;
  #digest: string | undefined;
  #hasEnded = false;

  /**
   * Starts empty.
   *
   * @param elapsedMs The true time since the start, in ms.
   * @param onLine Called with each line.
   */
  constructor(elapsedMs: () => number, onLine?: (line: string) => void) {
    this.#elapsedMs = elapsedMs;
    this.#onLine = onLine;
  }

  /** The number of lines. */
  get count(): number {
    return this.#count;
  }

  /** The newest lines, the newest last. */
  get newest(): readonly string[] {
    return this.#newest.slice(-KEPT_LINES);
  }

  /** Adds a line. */
  add(who: string, what: string): void {
    if (this.#hasEnded) return;
    const line = `${this.#elapsedMs().toFixed(0)} ${who} ${what}`;
    this.#count += 1;
    this.#hash.update(line).update("\n");
    this.#newest.push(line);
    if (this.#newest.length > 2 * KEPT_LINES) this.#newest.splice(0, KEPT_LINES);
    this.#onLine?.(line);
  }

  /** Adds no more lines. */
  end(): void {
    this.#hasEnded = true;
  }

  /** The SHA-256 of all lines; no line can be added afterwards. */
  sha256(): string {
    this.#digest ??= this.#hash.digest("hex");
    return this.#digest;
  }
}
