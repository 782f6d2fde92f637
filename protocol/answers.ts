/**
 * Which message answers which.
 *
 * @module
 */

import type { ReceivedMessageType, SentMessageType } from "./messages.ts";

/**
 * The answer to each type; `undefined` for none. An update may also be answered by a NackRequest. A
 * type that is missing does not compile.
 */
const ANSWERS: { readonly [T in ReceivedMessageType]: SentMessageType | undefined } = {
  HeartbeatMessage: "HeartbeatAckRequest",
  PayloadMessage: "AckRequest",
  IAMRoleCredentialsMessage: "IAMRoleCredentialsAckRequest",
  AttachTaskNetworkInterfacesMessage: "AckRequest",
  AttachInstanceNetworkInterfacesMessage: "AckRequest",
  ConfirmAttachmentMessage: "AckRequest",
  TaskManifestMessage: "AckRequest",
  StageUpdateMessage: "AckRequest",
  PerformUpdateMessage: "AckRequest",
  TaskStopVerificationAck: undefined,
  CloseMessage: undefined,
  ErrorMessage: undefined,
  ServerException: undefined,
  BadRequestException: undefined,
  InvalidClusterException: undefined,
  InvalidInstanceException: undefined,
  AccessDeniedException: undefined,
  InactiveInstanceException: undefined,
};

/** The type of answer to a message; `undefined` for none, as to a raw frame. */
export function expectedAnswer(type: ReceivedMessageType | undefined): SentMessageType | undefined {
  return type && ANSWERS[type];
}

/** Whether a message of this type is redelivered over the next connection until it is answered. */
export function isResent(type: ReceivedMessageType | undefined): boolean {
  return type !== "HeartbeatMessage" && expectedAnswer(type) !== undefined;
}

/** The credentials in a payload are acknowledged one by one, in addition to the payload itself. */
export function answersCredentialsIn(
  type: ReceivedMessageType | undefined,
  answer: { readonly type: SentMessageType },
): boolean {
  return type === "PayloadMessage" && answer.type === "IAMRoleCredentialsAckRequest";
}

const REFUSALS: ReadonlySet<ReceivedMessageType> = new Set([
  "CloseMessage",
  "ErrorMessage",
  "ServerException",
  "BadRequestException",
  "InvalidClusterException",
  "InvalidInstanceException",
  "AccessDeniedException",
  "InactiveInstanceException",
]);

/** Whether a message refuses or ends the connection: a service that works also sends others. */
export function isRefusal(type: ReceivedMessageType): boolean {
  return REFUSALS.has(type);
}
