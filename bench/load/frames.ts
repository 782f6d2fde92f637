/**
 * WebSocket frames as bytes, for both ends of a measurement: the part of RFC 6455 that it needs.
 *
 * @module
 */

/** The opcodes in use. */
export const OPCODE = { text: 1, close: 8, ping: 9, pong: 10 } as const;

/** An unmasked frame, as a server sends it. */
export function serverFrame(payload: Buffer, opcode: number = OPCODE.text): Buffer {
  return Buffer.concat([header(payload.length, opcode, 0), payload]);
}

/** A frame as a client sends it, masked with zeros, so that the payload stays unchanged. */
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

/** Splits a stream into frames by their headers; reads a payload only on request. */
export class FrameReader {
  readonly #onFrame: (opcode: number, payload: () => string) => void;
  #rest: Buffer = Buffer.alloc(0);

  /**
   * @param onFrame Called with each complete frame. `payload` unmasks the text, and must be called
   * before `onFrame` returns.
   */
  constructor(onFrame: (opcode: number, payload: () => string) => void) {
    this.#onFrame = onFrame;
  }

  /** Reads the next bytes, which may end anywhere in a frame. */
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
