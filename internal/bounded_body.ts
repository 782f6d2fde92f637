/**
 * The start of a body, as text.
 *
 * @module
 */

/** Collects chunks up to a number of bytes and ignores the rest. */
export class BoundedBody {
  readonly #decoder = new TextDecoder();
  #left: number;
  #text = "";

  /** @param maxBytes The number of bytes to keep. */
  constructor(maxBytes: number) {
    this.#left = maxBytes;
  }

  /** Adds a chunk; returns whether there is room for more. */
  add(chunk: Uint8Array): boolean {
    const taken = chunk.subarray(0, this.#left);
    this.#left -= taken.length;
    this.#text += this.#decoder.decode(taken, { stream: true });
    return this.#left > 0;
  }

  /**
   * The collected bytes, decoded as UTF-8; invalid ones are replaced. Nothing may be added
   * afterwards.
   */
  text(): string {
    return this.#text + this.#decoder.decode();
  }
}
