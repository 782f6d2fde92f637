/**
 * Parses the WebSocket frames in a stream of bytes.
 *
 * @module
 */

/** Callbacks of a reader. */
export interface FrameListener {
  /**
   * A complete message arrived.
   *
   * @param data The message's content; `undefined` if it exceeds the limit.
   * @param bytes Its size, in bytes.
   */
  message(data: Uint8Array | undefined, bytes: number, isBinary: boolean): void;
  /**
   * A control frame arrived: a close, a ping or a pong.
   *
   * @param opcode 8, 9 or 10.
   */
  control(opcode: number, payload: Uint8Array): void;
}

/** The opcodes of RFC 6455, section 5.2. */
export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** Maximum length of a header, in bytes: 2, plus 8 for the length and 4 for the mask. */
const MAX_HEADER_BYTES = 14;

/** The header of a frame. */
interface FrameHeader {
  readonly isFinal: boolean;
  readonly opcode: number;
  readonly length: number;
  /** The masking key; empty for an unmasked frame. */
  readonly mask: Uint8Array;
}

/**
 * Parses the frames of one direction. It never throws; invalid frames only result in meaningless
 * messages.
 */
export class FrameReader {
  readonly #listener: FrameListener;
  readonly #maxBytes: number;
  readonly #head = new Uint8Array(MAX_HEADER_BYTES);
  #headLength = 0;
  #frame: FrameHeader | undefined;
  /** Number of bytes of the frame's payload that have arrived. */
  #arrived = 0;
  #payload: Uint8Array[] = [];
  /** The parts of the message in earlier frames. */
  #message: Uint8Array[] = [];
  #messageBytes = 0;
  #isBinary = false;

  /**
   * @param listener Called for each message and control frame.
   * @param maxBytes Maximum size of a message whose content is kept, in bytes.
   */
  constructor(listener: FrameListener, maxBytes: number) {
    this.#listener = listener;
    this.#maxBytes = maxBytes;
  }

  /** Parses the next bytes of the stream. */
  push(chunk: Uint8Array): void {
    let rest = chunk;
    while (rest.byteLength > 0) {
      if (this.#frame === undefined) rest = this.#readHeader(rest);
      else rest = this.#readPayload(rest, this.#frame);
    }
  }

  #readHeader(chunk: Uint8Array): Uint8Array {
    const before = this.#headLength;
    const taken = chunk.subarray(0, MAX_HEADER_BYTES - before);
    this.#head.set(taken, before);
    const header = parseHeader(this.#head.subarray(0, before + taken.byteLength));
    if (header === undefined) {
      this.#headLength += taken.byteLength;
      return chunk.subarray(taken.byteLength);
    }
    this.#headLength = 0;
    this.#frame = header.frame;
    this.#arrived = 0;
    this.#payload = [];
    const rest = chunk.subarray(header.length - before);
    if (header.frame.length === 0) this.#endFrame(header.frame);
    return rest;
  }

  #readPayload(chunk: Uint8Array, frame: FrameHeader): Uint8Array {
    const part = chunk.subarray(0, frame.length - this.#arrived);
    if (this.#messageBytes + this.#arrived + part.byteLength <= this.#maxBytes) {
      this.#payload.push(unmasked(part, frame.mask, this.#arrived));
    }
    this.#arrived += part.byteLength;
    if (this.#arrived === frame.length) this.#endFrame(frame);
    return chunk.subarray(part.byteLength);
  }

  #endFrame({ isFinal, opcode, length }: FrameHeader): void {
    this.#frame = undefined;
    if (opcode >= OPCODE.close) return this.#listener.control(opcode, joined(this.#payload));
    if (opcode !== OPCODE.continuation) {
      this.#message = [];
      this.#messageBytes = 0;
      this.#isBinary = opcode === OPCODE.binary;
    }
    this.#message.push(...this.#payload);
    this.#payload = [];
    this.#messageBytes += length;
    if (!isFinal) return;
    const bytes = this.#messageBytes;
    const data = bytes > this.#maxBytes ? undefined : joined(this.#message);
    this.#message = [];
    this.#messageBytes = 0;
    this.#listener.message(data, bytes, this.#isBinary);
  }
}

/**
 * Parses the header at the start of the bytes, and returns it with its length; `undefined` if it is
 * incomplete.
 */
function parseHeader(
  bytes: Uint8Array,
): { readonly frame: FrameHeader; readonly length: number } | undefined {
  const [first, second] = bytes;
  if (first === undefined || second === undefined) return undefined;
  const short = second & 0x7f;
  const lengthBytes = short === 126 ? 2 : short === 127 ? 8 : 0;
  const maskBytes = (second & 0x80) === 0 ? 0 : 4;
  const length = 2 + lengthBytes + maskBytes;
  if (bytes.byteLength < length) return undefined;
  let payload = lengthBytes === 0 ? short : 0;
  for (const byte of bytes.subarray(2, 2 + lengthBytes)) payload = payload * 256 + byte;
  return {
    frame: {
      isFinal: (first & 0x80) !== 0,
      opcode: first & 0x0f,
      length: payload,
      mask: bytes.slice(2 + lengthBytes, length),
    },
    length,
  };
}

/** Copies and unmasks a part of a payload. */
function unmasked(part: Uint8Array, mask: Uint8Array, offset: number): Uint8Array {
  const copy = part.slice();
  if (mask.byteLength === 0) return copy;
  for (let index = 0; index < copy.byteLength; index++) {
    copy[index] = (copy[index] ?? 0) ^ (mask[(offset + index) & 3] ?? 0);
  }
  return copy;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const [only, ...others] = parts;
  if (only !== undefined && others.length === 0) return only;
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.byteLength;
  }
  return bytes;
}

/**
 * Builds a masked frame, as clients send it.
 *
 * @param opcode The frame's opcode.
 * @param payload The frame's content, unmasked.
 */
export function clientFrame(opcode: number, payload: Uint8Array): Uint8Array {
  const length = payload.byteLength;
  const lengthBytes = length < 126 ? 0 : length < 65_536 ? 2 : 8;
  const bytes = new Uint8Array(2 + lengthBytes + 4 + length);
  const view = new DataView(bytes.buffer);
  bytes[0] = 0x80 | opcode;
  bytes[1] = 0x80 | (lengthBytes === 0 ? length : lengthBytes === 2 ? 126 : 127);
  if (lengthBytes === 2) view.setUint16(2, length);
  if (lengthBytes === 8) view.setBigUint64(2, BigInt(length));
  const mask = bytes.subarray(2 + lengthBytes, 2 + lengthBytes + 4);
  crypto.getRandomValues(mask);
  const at = 2 + lengthBytes + 4;
  for (let index = 0; index < length; index++) {
    bytes[at + index] = (payload[index] ?? 0) ^ (mask[index & 3] ?? 0);
  }
  return bytes;
}
