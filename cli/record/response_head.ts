/**
 * Parses the response to an upgrade from a stream.
 *
 * @module
 */

/** Maximum length of the head, in bytes. A longer head is not parsed. */
const MAX_HEAD_BYTES = 65_536;

/** Reads the head of a response, and the start of a refusal's body. */
export class ResponseHead {
  readonly #maxBodyBytes: number;
  #bytes = new Uint8Array();
  #body = new Uint8Array();
  #isWhole = false;
  #status: number | undefined;
  readonly #headers = new Map<string, string>();

  /** @param maxBodyBytes Maximum number of bytes of the body to keep. */
  constructor(maxBodyBytes: number) {
    this.#maxBodyBytes = maxBodyBytes;
  }

  /** The HTTP status; `undefined` until the head has arrived. */
  get status(): number | undefined {
    return this.#status;
  }

  /** The first bytes of the body. */
  get body(): Uint8Array {
    const isChunked = /\bchunked$/i.test(this.#headers.get("transfer-encoding") ?? "");
    return isChunked ? withoutChunks(this.#body) : this.#body;
  }

  /**
   * Returns a header's value.
   *
   * @param name The header's name, in lower case.
   */
  header(name: string): string | undefined {
    return this.#headers.get(name);
  }

  /**
   * Parses the next bytes.
   *
   * @returns The bytes after the head; `undefined` until the head is complete.
   */
  push(chunk: Uint8Array): Uint8Array | undefined {
    if (this.#isWhole) {
      this.#body = append(
        this.#body,
        chunk.subarray(0, this.#maxBodyBytes - this.#body.byteLength),
      );
      return chunk;
    }
    this.#bytes = append(this.#bytes, chunk);
    const text = new TextDecoder("latin1").decode(this.#bytes);
    const end = text.indexOf("\r\n\r\n");
    if (end === -1) {
      // Not the head of an HTTP response.
      if (this.#bytes.byteLength > MAX_HEAD_BYTES) this.#isWhole = true;
      return undefined;
    }
    this.#isWhole = true;
    const rest = this.#bytes.subarray(end + 4);
    this.#bytes = new Uint8Array();
    this.#parse(text.slice(0, end));
    this.#body = rest.slice(0, this.#maxBodyBytes);
    return rest;
  }

  #parse(head: string): void {
    const [statusLine = "", ...lines] = head.split("\r\n");
    const [, status] = /^HTTP\/1\.[01] (\d{3})/.exec(statusLine) ?? [];
    if (status !== undefined) this.#status = Number(status);
    for (const line of lines) {
      const colon = line.indexOf(":");
      if (colon < 1) continue;
      this.#headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
    }
  }
}

/** Removes the lines before and after each chunk (RFC 9112, section 7.1). */
function withoutChunks(bytes: Uint8Array): Uint8Array {
  const text = new TextDecoder("latin1").decode(bytes);
  let body: Uint8Array = new Uint8Array();
  for (let at = 0; at < bytes.byteLength;) {
    const end = text.indexOf("\r\n", at);
    const size = Number.parseInt(text.slice(at, end), 16);
    if (end === -1 || !(size > 0)) break;
    body = append(body, bytes.subarray(end + 2, end + 2 + size));
    at = end + 2 + size + 2;
  }
  return body;
}

function append(before: Uint8Array, more: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(before.byteLength + more.byteLength);
  bytes.set(before);
  bytes.set(more, before.byteLength);
  return bytes;
}
