/**
 * Which message answers which.
 *
 * @module
 */

import type { ReceivedMessageType, SentMessageType } from "./messages.ts";

/** How agents react to each type: they answer it, ignore it, or treat it as a refusal. */
type Answer = SentMessageType | "none" | "refusal";

/**
 * The answer to each type. A `refusal` is not answered either, and refuses or ends the connection. An
 * update may also be answered by a NackRequest. A type that is missing does not compile.
 */
const ANSWERS: { readonly [T in ReceivedMessageType]: Answer } = {
  HeartbeatMessage: "HeartbeatAckRequest",
  PayloadMessage: "AckRequest",
  IAMRoleCredentialsMessage: "IAMRoleCredentialsAckRequest",
  AttachTaskNetworkInterfacesMessage: "AckRequest",
  AttachInstanceNetworkInterfacesMessage: "AckRequest",
  ConfirmAttachmentMessage: "AckRequest",
  TaskManifestMessage: "AckRequest",
  StageUpdateMessage: "AckRequest",
  PerformUpdateMessage: "AckRequest",
  TaskStopVerificationAck: "none",
  CloseMessage: "refusal",
  ErrorMessage: "refusal",
  ServerException: "refusal",
  BadRequestException: "refusal",
  InvalidClusterException: "refusal",
  InvalidInstanceException: "refusal",
  AccessDeniedException: "refusal",
  InactiveInstanceException: "refusal",
};

/** The type of answer to a message; `undefined` if it gets no answer, like a raw frame. */
export function expectedAnswer(type: ReceivedMessageType | undefined): SentMessageType | undefined {
  const answer = type === undefined ? "none" : ANSWERS[type];
  return answer === "none" || answer === "refusal" ? undefined : answer;
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

/** Whether a message refuses or ends the connection: a service that works also sends others. */
export function isRefusal(type: ReceivedMessageType): boolean {
  return ANSWERS[type] === "refusal";
}
