/**
 * Encodes a typed message as a frame.
 *
 * @module
 */

import type { SentMessages, SentMessageType } from "./messages.ts";

/**
 * Encodes one message as the text of a frame, `{"type": T, "message": {…}}`. Fields that are
 * `undefined` or null are left out, as the reference agent does: an answer repeats fields of the
 * message.
 */
export function encodeMessage<T extends SentMessageType>(
  type: T,
  message: SentMessages[T],
): string {
  const text = JSON.stringify({ type, message });
  // Hardly any message has a null, and checking each field costs several times the encoding.
  return text.includes("null") ? JSON.stringify({ type, message }, withoutNull) : text;
}

function withoutNull(_name: string, value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((entry) => entry !== null && entry !== undefined);
  // Values that JSON writes as null because it has no other form for them.
  if (typeof value === "number" && !Number.isFinite(value)) return undefined;
  return value ?? undefined;
}
