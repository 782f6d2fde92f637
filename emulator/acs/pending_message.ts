/**
 * What a user sees of a message that waits.
 *
 * @module
 */

import type { ReceivedMessageType } from "../../protocol/messages.ts";
import type { Queued } from "./queued_message.ts";

/** A message that waits to be sent or to be answered. */
export interface PendingMessage {
  /** Its type; `undefined` for a raw frame. */
  readonly type: ReceivedMessageType | undefined;
  /** Its id; empty when it has none. */
  readonly messageId: string;
  /** The container instance it is meant for; `undefined` for whoever connects next. */
  readonly containerInstanceArn: string | undefined;
}

/** Leaves out what the messages say. */
export function pendingMessages(queued: readonly Queued[]): readonly PendingMessage[] {
  return queued.map(({ type, messageId, containerInstanceArn }) => ({
    type,
    messageId,
    containerInstanceArn,
  }));
}
