/**
 * Answers to the upgrade that have status 101, but must not be taken.
 *
 * @module
 */

import { ConnectError } from "../../errors.ts";

/** An extension in the answer, which RFC 6455 section 4.1 forbids where none was offered. */
export const UNOFFERED_EXTENSION =
  "the answer has an extension that was not offered (Sec-WebSocket-Extensions)";

/** The same of a subprotocol. */
export const UNOFFERED_PROTOCOL =
  "the answer has a subprotocol that was not offered (Sec-WebSocket-Protocol)";

/** An answer that is 101 in its status alone. */
export const NO_UPGRADE = 'the answer lacks "Connection: Upgrade" or "Upgrade: websocket"';

/** An answer to another request, or of somebody who does not know WebSockets. */
export const BAD_ACCEPT = "the answer's Sec-WebSocket-Accept is not the one for this request";

/**
 * The error for such an answer.
 *
 * @param host Who has answered.
 * @param reason What is wrong with the answer.
 */
export function unacceptable(host: string, reason: string): ConnectError {
  return new ConnectError(
    `${host} accepted the WebSocket upgrade, but not as RFC 6455 requires: ${reason}`,
  );
}

/**
 * What is wrong with an answer that a WebSocket has accepted.
 *
 * @param webSocket The open WebSocket.
 * @param offersProtocols Whether the request had subprotocols to choose from.
 * @returns `undefined` if nothing is.
 */
export function unofferedIn(
  { extensions, protocol }: { readonly extensions: string; readonly protocol: string },
  offersProtocols: boolean,
): string | undefined {
  if (extensions !== "") return UNOFFERED_EXTENSION;
  return protocol !== "" && !offersProtocols ? UNOFFERED_PROTOCOL : undefined;
}
