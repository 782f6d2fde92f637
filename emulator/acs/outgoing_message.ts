/**
 * Completes what the emulator is told to send: ids, ARNs, times and sequence numbers.
 *
 * @module
 */

import type { ReceivedMessages, ReceivedMessageType } from "../../wsclient/messages.ts";
import type { EmulatorConnection } from "./emulator_connection.ts";
import type { OutgoingMessage } from "./outbox.ts";

/** Where a message goes. */
export interface SendOptions {
  /**
   * The container instance it is meant for.
   *
   * @default The message's own `containerInstanceArn`, else whoever connected last.
   */
  readonly containerInstanceArn?: string;
}

/**
 * Prepares a message.
 *
 * @param type Its type.
 * @param messageId Its id; empty when it has none.
 * @param containerInstanceArn The container instance it is meant for, if it says.
 * @param build Makes the message for the connection that it is sent over, each time it is sent.
 */
export function outgoingMessage<T extends ReceivedMessageType>(
  type: T,
  messageId: string,
  containerInstanceArn: string | undefined,
  build: (recipient: EmulatorConnection) => ReceivedMessages[T],
): OutgoingMessage {
  return {
    type,
    messageId,
    containerInstanceArn,
    build(recipient) {
      const message = build(recipient);
      return {
        data: JSON.stringify({ type, message }),
        cluster: textField(message, "clusterArn"),
        containerInstance: textField(message, "containerInstanceArn"),
      };
    },
  };
}

/** A field of a message, when it is there and is a text. */
export function textField(message: object, name: string): string | undefined {
  const value: unknown = Reflect.get(message, name);
  return typeof value === "string" ? value : undefined;
}
