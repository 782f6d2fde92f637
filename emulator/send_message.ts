/**
 * Sends a message of any type, the way the service sends that type.
 *
 * @module
 */

import type { ReceivedMessages, ReceivedMessageType } from "../protocol/messages.ts";
import { CONNECTION_EXPIRED } from "../protocol/close.ts";
import type { PostedMessage } from "./acs/outbox.ts";
import type { SendOptions } from "./acs/send_options.ts";
import type { EmulatorService } from "./emulator_service.ts";

/** A message with its type. */
export type TypedMessage<T extends ReceivedMessageType = ReceivedMessageType> = {
  readonly [K in T]: { readonly type: K; readonly message: ReceivedMessages[K] };
}[T];

type Sender<T extends ReceivedMessageType> = (
  service: EmulatorService,
  message: ReceivedMessages[T],
  options: SendOptions,
) => PostedMessage;

/** How each type is sent. A type that is missing here does not compile. */
const SENDERS: { readonly [T in ReceivedMessageType]: Sender<T> } = {
  HeartbeatMessage: (service, message, options) =>
    service.post("HeartbeatMessage", { healthy: true, ...message }, options),
  PayloadMessage: completed("PayloadMessage"),
  IAMRoleCredentialsMessage: (service, ...rest) => service.sendCredentials(...rest),
  AttachTaskNetworkInterfacesMessage: completed("AttachTaskNetworkInterfacesMessage"),
  AttachInstanceNetworkInterfacesMessage: completed("AttachInstanceNetworkInterfacesMessage"),
  ConfirmAttachmentMessage: completed("ConfirmAttachmentMessage"),
  TaskManifestMessage: (service, ...rest) => service.sendTaskManifest(...rest),
  TaskStopVerificationAck: completed("TaskStopVerificationAck"),
  StageUpdateMessage: completed("StageUpdateMessage"),
  PerformUpdateMessage: completed("PerformUpdateMessage"),
  CloseMessage: (service, message, options) =>
    sendExactly(service, "CloseMessage", { message: CONNECTION_EXPIRED, ...message }, options),
  ErrorMessage: exactly("ErrorMessage"),
  ServerException: exactly("ServerException"),
  BadRequestException: exactly("BadRequestException"),
  InvalidClusterException: exactly("InvalidClusterException"),
  InvalidInstanceException: exactly("InvalidInstanceException"),
  AccessDeniedException: exactly("AccessDeniedException"),
  InactiveInstanceException: exactly("InactiveInstanceException"),
};

/**
 * Sends a message immediately if the agent is connected, and otherwise when it connects.
 *
 * @param service Sends it.
 * @param type The message's type.
 * @param message The message. Missing fields that the service itself would fill in are filled in.
 * @param options Where it goes.
 * @returns The handle; its `acked` never settles for a type that agents do not answer.
 */
export function sendMessage<T extends ReceivedMessageType>(
  service: EmulatorService,
  type: T,
  message: ReceivedMessages[T],
  options: SendOptions = {},
): PostedMessage {
  const sender: Sender<T> = SENDERS[type];
  return sender(service, message, options);
}

/**
 * Sends a message unchanged, complete or not.
 *
 * @param service Sends it.
 * @param type The message's type.
 * @param message The message.
 * @param options Where it goes.
 * @returns The handle; its `acked` never settles for a type that agents do not answer.
 */
export function sendExactly<T extends ReceivedMessageType>(
  service: EmulatorService,
  type: T,
  message: ReceivedMessages[T],
  options: SendOptions = {},
): PostedMessage {
  return service.post(type, message, { ...options, exact: true });
}

/** Sends the type with missing fields filled in. */
function completed<T extends ReceivedMessageType>(type: T): Sender<T> {
  return (service, message, options) => service.post(type, message, options);
}

/** Sends the type unchanged. */
function exactly<T extends ReceivedMessageType>(type: T): Sender<T> {
  return (service, message, options) => sendExactly(service, type, message, options);
}
