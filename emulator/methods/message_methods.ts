/**
 * The methods of an emulator that send messages to agents.
 *
 * @module
 */

import type {
  AttachInstanceNetworkInterfacesMessage,
  AttachTaskNetworkInterfacesMessage,
  CloseMessage,
  ConfirmAttachmentMessage,
  ErrorMessage,
  HeartbeatMessage,
  IAMRoleCredentialsMessage,
  PayloadMessage,
  PerformUpdateMessage,
  ReceivedMessages,
  ReceivedMessageType,
  StageUpdateMessage,
  TaskManifestMessage,
  TaskStopVerificationAck,
} from "../../protocol/messages.ts";
import { checkOptionNames, type OptionNames } from "../../internal/option_names.ts";
import type { PostedMessage } from "../acs/outbox.ts";
import type { SendOptions } from "../acs/send_options.ts";
import type { EmulatorService } from "../emulator_service.ts";
import { sendExactly, sendMessage } from "../send_message.ts";

/**
 * Sends messages. Each is sent immediately if the agent is connected, and otherwise when it
 * connects. A misspelled option throws a `RangeError`.
 */
export interface MessageMethods {
  /** Sends a heartbeat, in addition to the regular ones. It is not resent. */
  sendHeartbeat(message?: HeartbeatMessage, options?: SendOptions): PostedMessage;

  /** Sends tasks. */
  sendPayload(message: PayloadMessage, options?: SendOptions): PostedMessage;

  /** Sends fresh credentials of one task's role. */
  sendCredentials(message: IAMRoleCredentialsMessage, options?: SendOptions): PostedMessage;

  /**
   * Issues credentials without sending them: only agents that request all credentials when they
   * connect get them. Credentials passed to {@linkcode MessageMethods.sendCredentials} are issued,
   * too. Credentials of a task belong to the task's container instance, others to the first
   * instance that gets them.
   */
  issueCredentials(message: IAMRoleCredentialsMessage, options?: SendOptions): void;

  /** Announces network interfaces of a task. */
  attachTaskNetworkInterfaces(
    message: AttachTaskNetworkInterfacesMessage,
    options?: SendOptions,
  ): PostedMessage;

  /** Announces network interfaces of the container instance. */
  attachInstanceNetworkInterfaces(
    message: AttachInstanceNetworkInterfacesMessage,
    options?: SendOptions,
  ): PostedMessage;

  /** Announces another resource, such as a volume. */
  confirmAttachment(message: ConfirmAttachmentMessage, options?: SendOptions): PostedMessage;

  /**
   * Sends the list of all tasks that should be on the instance: by default those that were run and
   * not stopped.
   *
   * Agents discard a manifest that is not newer than the last one, so each gets a new `timeline`,
   * unless the message has one.
   */
  sendTaskManifest(message?: TaskManifestMessage, options?: SendOptions): PostedMessage;

  /** Lists the tasks that the agent may stop. `messageId` is the manifest's. */
  sendTaskStopVerificationAck(message: TaskStopVerificationAck, options?: SendOptions): void;

  /** Asks the agent to download a new version of itself. */
  sendStageUpdate(message: StageUpdateMessage, options?: SendOptions): PostedMessage;

  /** Asks the agent to switch to the version it downloaded. */
  sendPerformUpdate(message: PerformUpdateMessage, options?: SendOptions): PostedMessage;

  /** Reports an error to the agent. */
  sendError(message: ErrorMessage, options?: SendOptions): void;

  /** Announces that the agent's connection is about to be closed. Does not close it. */
  sendClose(message?: CloseMessage, options?: SendOptions): void;

  /**
   * Sends a message unchanged, even if it is incomplete.
   *
   * @returns The handle; its `acked` never settles for a type that agents do not answer.
   */
  send<T extends ReceivedMessageType>(
    type: T,
    message: ReceivedMessages[T],
    options?: SendOptions,
  ): PostedMessage;

  /**
   * Sends one frame of any content: text as a text frame, bytes as a binary one.
   *
   * @param data The frame's content.
   * @param options Where it goes.
   */
  sendRaw(data: string | Uint8Array, options?: SendOptions): void;
}

/** Sends a message of one type. */
type Send<T extends ReceivedMessageType> = (
  message: ReceivedMessages[T],
  options?: SendOptions,
) => PostedMessage;

/** Creates the methods, which act on a service. */
export function messageMethods(service: EmulatorService): MessageMethods {
  const sends = <T extends ReceivedMessageType>(type: T): Send<T> => (message, options) =>
    sendMessage(service, type, message, checked(options));
  const sendHeartbeat = sends("HeartbeatMessage");
  const sendTaskManifest = sends("TaskManifestMessage");
  const sendClose = sends("CloseMessage");
  return {
    sendHeartbeat: (message = {}, options) => sendHeartbeat(message, options),
    sendPayload: sends("PayloadMessage"),
    sendCredentials: sends("IAMRoleCredentialsMessage"),
    issueCredentials: (message, options) => service.issueCredentials(message, checked(options)),
    attachTaskNetworkInterfaces: sends("AttachTaskNetworkInterfacesMessage"),
    attachInstanceNetworkInterfaces: sends("AttachInstanceNetworkInterfacesMessage"),
    confirmAttachment: sends("ConfirmAttachmentMessage"),
    sendTaskManifest: (message = {}, options) => sendTaskManifest(message, options),
    sendTaskStopVerificationAck: sends("TaskStopVerificationAck"),
    sendStageUpdate: sends("StageUpdateMessage"),
    sendPerformUpdate: sends("PerformUpdateMessage"),
    sendError: sends("ErrorMessage"),
    sendClose: (message = {}, options) => sendClose(message, options),
    send: (type, message, options) => sendExactly(service, type, message, checked(options)),
    sendRaw: (data, options) => service.postFrame(data, checked(options)),
  };
}

const SEND_OPTION_NAMES: OptionNames<SendOptions> = { containerInstanceArn: true };

function checked(options: SendOptions = {}): SendOptions {
  checkOptionNames(options, SEND_OPTION_NAMES, "");
  return options;
}
