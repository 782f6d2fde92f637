/**
 * From a typed message to a frame.
 *
 * @module
 */

import type { SentMessages, SentMessageType } from "./messages.ts";

/**
 * Encodes one message as the text of a frame, `{"type": T, "message": {…}}`. Fields that are
 * `undefined` are left out; null stays null.
 */
export function encodeMessage<T extends SentMessageType>(
  type: T,
  message: SentMessages[T],
): string {
  return JSON.stringify({ type, message });
}
