/**
 * The start of a body, as text.
 *
 * @module
 */

/** Takes chunks up to a number of bytes and ignores the rest. */
export class BoundedBody {
  readonly #decoder = new TextDecoder();
  #left: number;
  #text = "";

  /** @param maxBytes How many bytes are kept. */
  constructor(maxBytes: number) {
    this.#left = maxBytes;
  }

  /** Takes one chunk; returns whether there is room for more. */
  add(chunk: Uint8Array): boolean {
    const taken = chunk.subarray(0, this.#left);
    this.#left -= taken.length;
    this.#text += this.#decoder.decode(taken, { stream: true });
    return this.#left > 0;
  }

  /** What was taken, decoded as UTF-8; bytes that are none are replaced. Nothing may be added after. */
  text(): string {
    return this.#text + this.#decoder.decode();
  }
}
