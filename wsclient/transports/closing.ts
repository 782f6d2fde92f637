/**
 * Code for closing a connection that the transports share.
 *
 * @module
 */

/** How long a peer may take to answer a close frame by default, in ms. Our choice. */
export const CLOSE_GRACE_MS = 5_000;

/**
 * Delay between the arrival of data and a check of the socket, in ms. The check detects a received
 * close frame (if the peer keeps TCP open afterwards, only the socket's state shows it), and a full
 * send buffer.
 */
export const SOCKET_CHECK_MS = 1_000;

/** RFC 6455: a control frame's payload is at most 125 bytes, two of which are the close code. */
const MAX_REASON_BYTES = 123;

/**
 * Cuts a reason at the last whole character that fits, since closing must not fail because of it.
 */
export function fitReason(reason: string): string {
  const { read } = new TextEncoder().encodeInto(reason, new Uint8Array(MAX_REASON_BYTES));
  return reason.slice(0, read);
}
