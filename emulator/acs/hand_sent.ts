/**
 * What a frame that a test has made by hand says, if it is a message that agents answer.
 *
 * @module
 */

import { isReceivedMessageType, type ReceivedMessageType } from "../../protocol/messages.ts";
import { isJsonObject } from "../../protocol/find_problem.ts";

/** Larger frames are not looked at, in bytes or characters. Ours: they are for tests of limits. */
const MAX_LOOKED_AT = 1_048_576;

/** A message, as far as its answer goes. */
export interface HandSent {
  /** Its type. */
  readonly type: ReceivedMessageType;
  /** Its id. */
  readonly messageId: string;
}

/** The message in a frame; `undefined` if it is none, or has no id. */
export function messageIn(data: string | Uint8Array): HandSent | undefined {
  if (data.length > MAX_LOOKED_AT) return undefined;
  const frame = parse(typeof data === "string" ? data : new TextDecoder().decode(data));
  if (!isJsonObject(frame) || !isJsonObject(frame.message)) return undefined;
  const { type, message: { messageId } } = frame;
  if (typeof type !== "string" || !isReceivedMessageType(type)) return undefined;
  return typeof messageId === "string" ? { type, messageId } : undefined;
}

/** Most frames made by hand are not JSON on purpose. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
