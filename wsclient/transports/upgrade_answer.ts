/**
 * Answers to the upgrade that have status 101 but must not be accepted.
 *
 * @module
 */

import { ConnectError } from "../../errors.ts";

/** An extension in the answer, which RFC 6455 section 4.1 forbids if none was offered. */
export const UNOFFERED_EXTENSION =
  "the answer has an extension that was not offered (Sec-WebSocket-Extensions)";

/** The same for a subprotocol. */
export const UNOFFERED_PROTOCOL =
  "the answer has a subprotocol that was not offered (Sec-WebSocket-Protocol)";

/** An answer with status 101 and nothing else of an upgrade. */
export const NO_UPGRADE = 'the answer lacks "Connection: Upgrade" or "Upgrade: websocket"';

/** An answer to another request, or from a server that does not support WebSockets. */
export const BAD_ACCEPT = "the answer's Sec-WebSocket-Accept is not the one for this request";

/**
 * The error for such an answer.
 *
 * @param host The host that answered.
 * @param reason What is wrong with the answer.
 */
export function unacceptable(host: string, reason: string): ConnectError {
  return new ConnectError(
    `${host} accepted the WebSocket upgrade, but not as RFC 6455 requires: ${reason}`,
    { host },
  );
}

/**
 * The problem with an answer that a WebSocket has accepted.
 *
 * @param webSocket The open WebSocket.
 * @param offersProtocols Whether the request offered subprotocols.
 * @returns `undefined` if there is none.
 */
export function unofferedIn(
  { extensions, protocol }: { readonly extensions: string; readonly protocol: string },
  offersProtocols: boolean,
): string | undefined {
  if (extensions !== "") return UNOFFERED_EXTENSION;
  return protocol !== "" && !offersProtocols ? UNOFFERED_PROTOCOL : undefined;
}
