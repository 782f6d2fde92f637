/**
 * The fields that the service fills in, for each type of message.
 *
 * @module
 */

import { CONNECTION_EXPIRED } from "../../protocol/close.ts";
import type { ReceivedMessages } from "../../protocol/messages.ts";

/** The fields that the service fills in if a message does not have them. */
export interface FilledFields<Message = object> {
  /** Fields with a fixed value. */
  readonly defaults?: Partial<Message>;
  /** Whether it has an id. */
  readonly messageId?: boolean;
  /** Whether it has ARNs of cluster and container instance. */
  readonly arns?: boolean;
  /** Whether it has the time of its creation. */
  readonly generatedAt?: boolean;
  /** Whether it is numbered when it is created: a payload keeps its number. */
  readonly seqNum?: boolean;
  /** Whether it is numbered when it is sent: agents discard a manifest they have seen. */
  readonly timeline?: boolean;
}

const FOR_INSTANCE = { messageId: true, arns: true, generatedAt: true };

const UPDATE = { messageId: true, arns: true };

const TEXT = {};

/** The filled-in fields of each type. A type that is missing does not compile. */
export const FILLED_FIELDS: {
  readonly [T in keyof ReceivedMessages]: FilledFields<ReceivedMessages[T]>;
} = {
  HeartbeatMessage: { messageId: true, defaults: { healthy: true } },
  PayloadMessage: { ...FOR_INSTANCE, seqNum: true },
  IAMRoleCredentialsMessage: { messageId: true },
  AttachTaskNetworkInterfacesMessage: FOR_INSTANCE,
  AttachInstanceNetworkInterfacesMessage: FOR_INSTANCE,
  ConfirmAttachmentMessage: FOR_INSTANCE,
  TaskManifestMessage: { ...FOR_INSTANCE, timeline: true },
  TaskStopVerificationAck: { messageId: true, generatedAt: true },
  StageUpdateMessage: UPDATE,
  PerformUpdateMessage: UPDATE,
  CloseMessage: { defaults: { message: CONNECTION_EXPIRED } },
  ErrorMessage: TEXT,
  ServerException: TEXT,
  BadRequestException: TEXT,
  InvalidClusterException: TEXT,
  InvalidInstanceException: TEXT,
  AccessDeniedException: TEXT,
  InactiveInstanceException: TEXT,
};
