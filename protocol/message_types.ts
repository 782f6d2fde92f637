/**
 * The names of the messages on the wire.
 *
 * @module
 */

import type { ReceivedMessageType, SentMessageType } from "./messages.ts";
import { SHAPES } from "./shapes.ts";

/** Written as an object, so that the compiler notices a name that is missing. */
const SENT: { readonly [T in SentMessageType]: true } = {
  AckRequest: true,
  NackRequest: true,
  HeartbeatAckRequest: true,
  IAMRoleCredentialsAckRequest: true,
  TaskStopVerificationMessage: true,
};

/** Whether the service sends a message by this name. */
export function isReceivedMessageType(name: string): name is ReceivedMessageType {
  return Object.hasOwn(SHAPES, name);
}

/** Whether agents send a message by this name. */
export function isSentMessageType(name: string): name is SentMessageType {
  return Object.hasOwn(SENT, name);
}

/** The names of all messages the service sends. */
export const RECEIVED_MESSAGE_TYPES: readonly ReceivedMessageType[] = Object.keys(SHAPES)
  .filter(isReceivedMessageType);

/** The names of all messages the agent sends. */
export const SENT_MESSAGE_TYPES: readonly SentMessageType[] = Object.keys(SENT)
  .filter(isSentMessageType);

const received: ReadonlyMap<string, ReceivedMessageType> = new Map(
  RECEIVED_MESSAGE_TYPES.map((type) => [type, type]),
);

/**
 * The message that the service sends by this name, if there is one. The result equals the name, but is
 * always the same string object: a text that was just parsed takes longer to look up, each time.
 */
export function receivedMessageTypeOf(name: string): ReceivedMessageType | undefined {
  return received.get(name);
}
