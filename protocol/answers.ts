/**
 * Which message is answered by which.
 *
 * @module
 */

import type { ReceivedMessageType, SentMessageType } from "./messages.ts";

/** What an agent answers each type with. An update may also be answered by a NackRequest. */
const ANSWERS: { readonly [T in ReceivedMessageType]?: SentMessageType } = {
  HeartbeatMessage: "HeartbeatAckRequest",
  PayloadMessage: "AckRequest",
  IAMRoleCredentialsMessage: "IAMRoleCredentialsAckRequest",
  AttachTaskNetworkInterfacesMessage: "AckRequest",
  AttachInstanceNetworkInterfacesMessage: "AckRequest",
  ConfirmAttachmentMessage: "AckRequest",
  TaskManifestMessage: "AckRequest",
  StageUpdateMessage: "AckRequest",
  PerformUpdateMessage: "AckRequest",
};

/** What agents answer a message of this type with; `undefined` for nothing, as for a raw frame. */
export function expectedAnswer(type: ReceivedMessageType | undefined): SentMessageType | undefined {
  return type && ANSWERS[type];
}

/** Whether a message of this type is sent again over the next connection until it is answered. */
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
