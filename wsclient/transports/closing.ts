/**
 * What the transports have in common about leaving a connection.
 *
 * @module
 */

/** How long a peer may take to answer our close frame by default, in ms. Ours. */
export const CLOSE_GRACE_MS = 5_000;

/**
 * How often to look at a socket, in ms: whether a close frame has come (where a peer keeps TCP open
 * after it, the socket's state alone shows it), bytes have arrived, or too many wait to be written.
 */
export const SOCKET_CHECK_MS = 1_000;

/** RFC 6455: a control frame's payload is at most 125 bytes, two of which are the close code. */
const MAX_REASON_BYTES = 123;

/** Cuts a reason at the last whole character that fits, since leaving must not fail for it. */
export function fitReason(reason: string): string {
  const { read } = new TextEncoder().encodeInto(reason, new Uint8Array(MAX_REASON_BYTES));
  return reason.slice(0, read);
}
