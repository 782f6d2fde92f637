/**
 * Reads the body of a request, up to a limit.
 *
 * @module
 */

import type { IncomingMessage } from "node:http";

/**
 * Number of further bytes that are read and dropped, so that the refusal arrives; then the socket
 * is destroyed.
 */
const MAX_DISCARDED_BYTES = 1_048_576;

/** A body within the limit. */
export type Body = Uint8Array | "too long";

/**
 * Reads a whole body, but keeps at most `maxBytes` of it.
 *
 * @param request The request.
 * @param maxBytes The limit, in bytes.
 * @returns The body; `"endless"` if it was so long that the socket was destroyed; `"too long"` if
 * it exceeds the limit.
 * @throws The system's error if the client disconnects first.
 */
export async function readBody(
  request: IncomingMessage,
  maxBytes: number,
): Promise<Body | "endless"> {
  // Read now: a request whose body is not read to its end loses its socket.
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
