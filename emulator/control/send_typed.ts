/**
 * Sends a message of any type by the type's name.
 *
 * @module
 */

import type { ReceivedMessages, ReceivedMessageType } from "../../protocol/messages.ts";
import type { SendOptions } from "../acs/message_sender.ts";
import type { PostedMessage } from "../acs/outbox.ts";
import type { AcsEmulator } from "../acs_emulator.ts";
import { messageInput } from "./message_input.ts";

type Senders = {
  readonly [T in ReceivedMessageType]: (
    emulator: AcsEmulator,
    message: ReceivedMessages[T],
    options: SendOptions,
  ) => PostedMessage | void;
};

const SENDERS: Senders = {
  HeartbeatMessage: (emulator, ...rest) => emulator.sendHeartbeat(...rest),
  PayloadMessage: (emulator, ...rest) => emulator.sendPayload(...rest),
  CloseMessage: (emulator, ...rest) => emulator.sendClose(...rest),
  PerformUpdateMessage: (emulator, ...rest) => emulator.sendPerformUpdate(...rest),
  StageUpdateMessage: (emulator, ...rest) => emulator.sendStageUpdate(...rest),
  IAMRoleCredentialsMessage: (emulator, ...rest) => emulator.sendCredentials(...rest),
  AttachTaskNetworkInterfacesMessage: (emulator, ...rest) =>
    emulator.attachTaskNetworkInterfaces(...rest),
  AttachInstanceNetworkInterfacesMessage: (emulator, ...rest) =>
    emulator.attachInstanceNetworkInterfaces(...rest),
  ConfirmAttachmentMessage: (emulator, ...rest) => emulator.confirmAttachment(...rest),
  TaskManifestMessage: (emulator, ...rest) => emulator.sendTaskManifest(...rest),
  TaskStopVerificationAck: (emulator, ...rest) => emulator.sendTaskStopVerificationAck(...rest),
  ErrorMessage: (emulator, ...rest) => emulator.sendError(...rest),
  ServerException: (emulator, ...rest) => void emulator.send("ServerException", ...rest),
  BadRequestException: (emulator, ...rest) => void emulator.send("BadRequestException", ...rest),
  InvalidClusterException: (emulator, ...rest) =>
    void emulator.send("InvalidClusterException", ...rest),
  InvalidInstanceException: (emulator, ...rest) =>
    void emulator.send("InvalidInstanceException", ...rest),
  AccessDeniedException: (emulator, ...rest) =>
    void emulator.send("AccessDeniedException", ...rest),
  InactiveInstanceException: (emulator, ...rest) =>
    void emulator.send("InactiveInstanceException", ...rest),
};

/**
 * Sends a message.
 *
 * @param emulator The service.
 * @param type The message's type.
 * @param content The message; it has been checked.
 * @param options Where it goes, and whether it goes as it is, with nothing filled in.
 * @returns The handle; nothing for messages that agents do not answer.
 */
export function sendTyped<T extends ReceivedMessageType>(
  emulator: AcsEmulator,
  type: T,
  content: unknown,
  { exact, ...options }: SendOptions & { readonly exact: boolean },
): PostedMessage | void {
  const message = messageInput(type, { exact }).parse(content);
  if (exact) return emulator.send(type, message, options);
  const sender: Senders[T] = SENDERS[type];
  return sender(emulator, message, options);
}
