/**
 * From a typed message to a frame.
 *
 * @module
 */

import type { SentMessages, SentMessageType } from "./messages.ts";

/**
 * Encodes one message as the text of a frame, `{"type": T, "message": {…}}`. What is `undefined` or
 * null is left out, as the reference leaves it out: a message is answered with what it brought.
 */
export function encodeMessage<T extends SentMessageType>(
  type: T,
  message: SentMessages[T],
): string {
  const text = JSON.stringify({ type, message });
  // Nearly no message has a null, and looking at each field costs several times the encoding.
  return text.includes("null") ? JSON.stringify({ type, message }, withoutNull) : text;
}

function withoutNull(_name: string, value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((entry) => entry !== null && entry !== undefined);
  // What JSON writes as null for want of anything better.
  if (typeof value === "number" && !Number.isFinite(value)) return undefined;
  return value ?? undefined;
}
