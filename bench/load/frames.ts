/**
 * WebSocket frames as bytes, for both ends of a measurement: no more of RFC 6455 than that takes.
 *
 * @module
 */

/** The opcodes that occur. */
export const OPCODE = { text: 1, close: 8, ping: 9, pong: 10 } as const;

/** A frame that the server sends, unmasked. */
export function serverFrame(payload: Buffer, opcode: number = OPCODE.text): Buffer {
  return Buffer.concat([header(payload.length, opcode, 0), payload]);
}

/** A frame that a client sends, with a mask of zeros, which leaves the payload as it is. */
export function clientFrame(payload: Buffer): Buffer {
  return Buffer.concat([header(payload.length, OPCODE.text, 0x80), Buffer.alloc(4), payload]);
}

function header(length: number, opcode: number, masked: number): Buffer {
  if (length < 126) return Buffer.from([0x80 | opcode, masked | length]);
  const bytes = Buffer.alloc(length < 2 ** 16 ? 4 : 10);
  bytes[0] = 0x80 | opcode;
  bytes[1] = masked | (length < 2 ** 16 ? 126 : 127);
  if (length < 2 ** 16) bytes.writeUInt16BE(length, 2);
  else bytes.writeBigUInt64BE(BigInt(length), 2);
  return bytes;
}

/** Goes through a stream of frames by their headers; looks at no payload that is not asked for. */
export class FrameReader {
  readonly #onFrame: (opcode: number, payload: () => string) => void;
  #rest: Buffer = Buffer.alloc(0);

  /**
   * Starts at the first byte of a frame.
   *
   * @param onFrame Is called with each complete frame. The text is unmasked only when it is called
   * for, which must be at once.
   */
  constructor(onFrame: (opcode: number, payload: () => string) => void) {
    this.#onFrame = onFrame;
  }

  /** Takes the next bytes, which may end anywhere in a frame. */
  read(chunk: Buffer): void {
    const data = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let start = 0;
    let payloadStart = 0;
    let end = 0;
    const payload = () => unmasked(data, payloadStart, end);
    while (data.length - start >= 2) {
      const second = byteAt(data, start + 1);
      const lengthBytes = (second & 0x7f) === 126 ? 2 : (second & 0x7f) === 127 ? 8 : 0;
      payloadStart = start + 2 + lengthBytes + (second & 0x80 ? 4 : 0);
      if (data.length < payloadStart) break;
      const length = lengthBytes === 2
        ? data.readUInt16BE(start + 2)
        : lengthBytes === 8
        ? Number(data.readBigUInt64BE(start + 2))
        : second & 0x7f;
      end = payloadStart + length;
      if (data.length < end) break;
      this.#onFrame(byteAt(data, start) & 0x0f, payload);
      start = end;
    }
    this.#rest = data.subarray(start);
  }
}

function unmasked(data: Buffer, start: number, end: number): string {
  const text = Buffer.alloc(end - start);
  for (let at = start; at < end; at++) {
    text[at - start] = byteAt(data, at) ^ byteAt(data, start - 4 + ((at - start) & 3));
  }
  return text.toString();
}

function byteAt(data: Buffer, at: number): number {
  return data[at] ?? 0;
}
