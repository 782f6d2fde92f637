/**
 * Reads the body of a request, bounded.
 *
 * @module
 */

import type { IncomingMessage } from "node:http";

/** How much more of a body is read away, so that the refusal arrives; then the socket is cut. */
const MAX_DISCARDED_BYTES = 1_048_576;

/** A body, if it is not longer than it may be. */
export type Body = Uint8Array | "too long";

/**
 * Reads a whole body, but keeps no more than the limit of it.
 *
 * @param request The request.
 * @param maxBytes How much is kept, in bytes.
 * @returns The body; `"endless"` if it was so long that the socket has been cut.
 * @throws The system's error when the client goes away first.
 */
export async function readBody(
  request: IncomingMessage,
  maxBytes: number,
): Promise<Body | "endless"> {
  // A request that is left in the middle has no socket any more.
  const { socket } = request;
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of request) {
    if (!ArrayBuffer.isView(chunk)) continue;
    length += chunk.byteLength;
    if (length <= maxBytes) {
      chunks.push(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength));
    }
    if (length > maxBytes + MAX_DISCARDED_BYTES) {
      socket.destroy();
      return "endless";
    }
  }
  if (length > maxBytes) return "too long";
  const body = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    body.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return body;
}
