/**
 * The public view of a queued message.
 *
 * @module
 */

import type { ReceivedMessageType } from "../../protocol/messages.ts";
import type { Queued } from "./queued_message.ts";

/** A message that has not been sent or answered yet. */
export interface PendingMessage {
  /** Its type; `undefined` for a raw frame. */
  readonly type: ReceivedMessageType | undefined;
  /** Its id; empty when it has none. */
  readonly messageId: string;
  /** Its recipient; `undefined` for the instance that connects next. */
  readonly containerInstanceArn: string | undefined;
}

/** Omits the messages' contents. */
export function pendingMessages(queued: readonly Queued[]): readonly PendingMessage[] {
  return queued.map(({ type, messageId, containerInstanceArn }) => ({
    type,
    messageId,
    containerInstanceArn,
  }));
}
