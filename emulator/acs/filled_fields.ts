/**
 * The fields of a message that the service fills in, determined from the fields of its type.
 *
 * @module
 */

import { CONNECTION_EXPIRED } from "../../protocol/close.ts";
import type { ReceivedMessages, ReceivedMessageType } from "../../protocol/messages.ts";
import { SHAPES } from "../../protocol/shapes.ts";

/** The fields of one type that are filled in if a message does not have them. */
export interface FilledFields {
  /** Fields with a fixed value. */
  readonly defaults: object;
  /** Whether it has an id. */
  readonly messageId: boolean;
  /** Whether it has ARNs of cluster and container instance. */
  readonly arns: boolean;
  /** Whether it has the time of its creation. */
  readonly generatedAt: boolean;
  /** Whether it is numbered when it is created: a payload keeps its number. */
  readonly seqNum: boolean;
  /** Whether it is numbered when it is sent: agents discard a manifest they have seen. */
  readonly timeline: boolean;
}

const DEFAULTS: { readonly [T in ReceivedMessageType]?: ReceivedMessages[T] } = {
  HeartbeatMessage: { healthy: true },
  CloseMessage: { message: CONNECTION_EXPIRED },
};

/** The filled-in fields of a type. */
export function filledFields(type: ReceivedMessageType): FilledFields {
  const shape = SHAPES[type];
  const seqNum = "seqNum" in shape;
  return {
    defaults: DEFAULTS[type] ?? {},
    messageId: "messageId" in shape,
    arns: "clusterArn" in shape && "containerInstanceArn" in shape,
    generatedAt: "generatedAt" in shape,
    seqNum,
    timeline: "timeline" in shape && !seqNum,
  };
}
