/**
 * Queued messages as plain data that can be saved in a file, and the frames made from them.
 *
 * @module
 */

import { filledFields } from "./filled_fields.ts";
import type { ReceivedMessageType } from "../../protocol/messages.ts";

/** A message that has not been sent or answered yet. */
export interface QueuedMessage {
  /** Unique, even among messages with the same message id. */
  readonly number: number;
  /** Its type. */
  readonly type: ReceivedMessageType;
  /** The message's id; empty if it has none. */
  readonly messageId: string;
  /** Its recipient; `undefined` for the instance that connected last. */
  readonly containerInstanceArn?: string | undefined;
  /** The message, without the fields that are filled in when it is sent. */
  readonly message: object;
  /** Whether the message is sent unchanged. */
  readonly exact: boolean;
}

/** A queued raw frame. */
export interface QueuedFrame {
  /** Unique. */
  readonly number: number;
  /** Frames have none. */
  readonly type?: undefined;
  /** Frames have none. */
  readonly messageId: "";
  /** Its recipient; `undefined` for the instance that connected last. */
  readonly containerInstanceArn?: string | undefined;
  /** Text, or bytes for a binary frame. */
  readonly data: string | Uint8Array;
}

/** A queued message or raw frame. */
export type Queued = QueuedMessage | QueuedFrame;

/** One frame, ready to be sent. */
export interface OutgoingFrame {
  /** Text, or bytes for a binary frame. */
  readonly data: string | Uint8Array;
  /** The message's cluster ARN, which its acknowledgement has to repeat. */
  readonly cluster?: string | undefined;
  /** The message's container instance ARN, which its acknowledgement has to repeat. */
  readonly containerInstance?: string | undefined;
}

/** The recipient of a message. */
export interface Recipient {
  /** The cluster's ARN. */
  readonly clusterArn: string;
  /** The container instance's ARN. */
  readonly containerInstanceArn: string;
}

/** Functions to complete a message with. */
export interface CompletionContext {
  /** Makes the message's id. */
  readonly uuid: () => string;
  /** The service's clock, in ms since the epoch. */
  readonly now: () => number;
  /** Counts payloads and manifests, which share one order. */
  readonly sequence: () => number;
}

/** Fills in the fields that are known when a message is created: defaults, id, time and number. */
export function completeMessage(
  type: ReceivedMessageType,
  message: object,
  { uuid, now, sequence }: CompletionContext,
): object {
  const filled = filledFields(type);
  return {
    ...filled.defaults,
    ...message,
    ...(filled.generatedAt && { generatedAt: field(message, "generatedAt") ?? now() }),
    ...(filled.seqNum && { seqNum: field(message, "seqNum") ?? sequence() }),
    ...(filled.messageId && { messageId: textField(message, "messageId") ?? uuid() }),
  };
}

/** Creates the frame for one recipient; called again for each resend. */
export function frameFor(
  queued: Queued,
  recipient: Recipient,
  sequence: () => number,
): OutgoingFrame {
  if (queued.type === undefined) return { data: queued.data };
  const { type } = queued;
  const message = queued.exact ? queued.message : addressed(queued, recipient, sequence);
  return {
    data: JSON.stringify({ type, message }),
    cluster: textField(message, "clusterArn"),
    containerInstance: textField(message, "containerInstanceArn"),
  };
}

function addressed(
  { type, message }: QueuedMessage,
  recipient: Recipient,
  sequence: () => number,
): object {
  const { arns, timeline } = filledFields(type);
  return {
    ...message,
    ...(arns && {
      clusterArn: textField(message, "clusterArn") ?? recipient.clusterArn,
      containerInstanceArn: textField(message, "containerInstanceArn") ??
        recipient.containerInstanceArn,
    }),
    ...(timeline && { timeline: field(message, "timeline") ?? sequence() }),
  };
}

/** A field of a message, if it is a string. */
export function textField(message: object, name: string): string | undefined {
  const value = field(message, name);
  return typeof value === "string" ? value : undefined;
}

function field(message: object, name: string): unknown {
  return Reflect.get(message, name);
}
