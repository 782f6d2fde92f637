/**
 * Reads the message in a hand-made frame, so that its answer is recognized.
 *
 * @module
 */

import { isReceivedMessageType } from "../../protocol/message_types.ts";
import type { ReceivedMessageType } from "../../protocol/messages.ts";
import { isJsonObject } from "../../internal/json.ts";

/** Larger frames are not parsed, in bytes or characters: they serve to test limits. */
const MAX_LOOKED_AT = 1_048_576;

/** The parts of a message that its answer is matched with. */
export interface HandSent {
  /** Its type. */
  readonly type: ReceivedMessageType;
  /** Its id. */
  readonly messageId: string;
}

/** The message in a frame; `undefined` if there is none, or if it has no id. */
export function messageIn(data: string | Uint8Array): HandSent | undefined {
  if (data.length > MAX_LOOKED_AT) return undefined;
  const frame = parse(typeof data === "string" ? data : new TextDecoder().decode(data));
  if (!isJsonObject(frame) || !isJsonObject(frame.message)) return undefined;
  const { type, message: { messageId } } = frame;
  if (typeof type !== "string" || !isReceivedMessageType(type)) return undefined;
  return typeof messageId === "string" ? { type, messageId } : undefined;
}

/** Many hand-made frames are deliberately not JSON. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
