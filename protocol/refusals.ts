/**
 * The messages by which the service refuses or ends a connection.
 *
 * @module
 */

import type { ReceivedMessageType } from "./messages.ts";

const IS_REFUSAL: Readonly<Record<ReceivedMessageType, boolean>> = {
  HeartbeatMessage: false,
  PayloadMessage: false,
  CloseMessage: true,
  PerformUpdateMessage: false,
  StageUpdateMessage: false,
  IAMRoleCredentialsMessage: false,
  AttachTaskNetworkInterfacesMessage: false,
  AttachInstanceNetworkInterfacesMessage: false,
  ConfirmAttachmentMessage: false,
  TaskManifestMessage: false,
  TaskStopVerificationAck: false,
  ErrorMessage: true,
  ServerException: true,
  BadRequestException: true,
  InvalidClusterException: true,
  InvalidInstanceException: true,
  AccessDeniedException: true,
  InactiveInstanceException: true,
};

/** Whether a message refuses or ends the connection: a peer that sends no others is of no use. */
export function isRefusal(type: ReceivedMessageType): boolean {
  return IS_REFUSAL[type];
}
