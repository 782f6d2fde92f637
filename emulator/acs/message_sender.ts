/**
 * Everything the emulator can say to an agent.
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
import { EmulatorEventTarget } from "../events.ts";
import type { PostedMessage } from "./outbox.ts";

/** Where a message goes. */
export interface SendOptions {
  /**
   * The container instance it is meant for.
   *
   * @default The message's own `containerInstanceArn`, else whoever connected last.
   */
  readonly containerInstanceArn?: string | undefined;
}

/** How the emulator takes what is to be sent. */
export interface PostOptions extends SendOptions {
  /** Whether the message is sent as it is: nothing is filled in. */
  readonly exact?: boolean;
}

/**
 * The sending half of the emulator.
 *
 * Each method sends at once when the agent is connected, and otherwise when it connects. Fields of
 * the message that are missing or null, and that the service itself would fill in (`messageId`,
 * `clusterArn`, `containerInstanceArn`, `generatedAt`, `seqNum`, `timeline`), are filled in; to send
 * a message exactly as it is, use {@linkcode MessageSender.send}.
 *
 * What an agent acknowledges is sent again over each new connection until it does.
 */
export abstract class MessageSender extends EmulatorEventTarget {
  /** Sends a message or keeps it for sending. */
  protected abstract post<T extends ReceivedMessageType>(
    type: T,
    message: ReceivedMessages[T],
    options: PostOptions,
  ): PostedMessage;

  /** Sends a frame or keeps it for sending. */
  protected abstract postFrame(data: string | Uint8Array, options: SendOptions): void;

  /** Sends a heartbeat, beside those that the emulator sends by itself. It is not sent again. */
  sendHeartbeat(message: HeartbeatMessage = {}, options: SendOptions = {}): PostedMessage {
    return this.post("HeartbeatMessage", { healthy: true, ...message }, options);
  }

  /** Sends tasks. */
  sendPayload(message: PayloadMessage, options: SendOptions = {}): PostedMessage {
    return this.post("PayloadMessage", message, options);
  }

  /** Sends fresh credentials of one task's role. */
  sendCredentials(message: IAMRoleCredentialsMessage, options: SendOptions = {}): PostedMessage {
    return this.post("IAMRoleCredentialsMessage", message, options);
  }

  /** Announces network interfaces of a task. */
  attachTaskNetworkInterfaces(
    message: AttachTaskNetworkInterfacesMessage,
    options: SendOptions = {},
  ): PostedMessage {
    return this.post("AttachTaskNetworkInterfacesMessage", message, options);
  }

  /** Announces network interfaces of the container instance. */
  attachInstanceNetworkInterfaces(
    message: AttachInstanceNetworkInterfacesMessage,
    options: SendOptions = {},
  ): PostedMessage {
    return this.post("AttachInstanceNetworkInterfacesMessage", message, options);
  }

  /** Announces another resource, such as a volume. */
  confirmAttachment(message: ConfirmAttachmentMessage, options: SendOptions = {}): PostedMessage {
    return this.post("ConfirmAttachmentMessage", message, options);
  }

  /**
   * Sends the list of all tasks that should be on the instance.
   *
   * Agents discard a manifest that is no newer than what they know, so each sending gets a new
   * `timeline`, unless the message brings one.
   */
  sendTaskManifest(message: TaskManifestMessage, options: SendOptions = {}): PostedMessage {
    return this.post("TaskManifestMessage", message, options);
  }

  /** Says which tasks may be stopped. `messageId` is the manifest's. */
  sendTaskStopVerificationAck(message: TaskStopVerificationAck, options: SendOptions = {}): void {
    this.post("TaskStopVerificationAck", message, options);
  }

  /** Asks the agent to download a new version of itself. */
  sendStageUpdate(message: StageUpdateMessage, options: SendOptions = {}): PostedMessage {
    return this.post("StageUpdateMessage", message, options);
  }

  /** Asks the agent to switch to the version it downloaded. */
  sendPerformUpdate(message: PerformUpdateMessage, options: SendOptions = {}): PostedMessage {
    return this.post("PerformUpdateMessage", message, options);
  }

  /** Tells the agent of an error. */
  sendError(message: ErrorMessage, options: SendOptions = {}): void {
    this.post("ErrorMessage", message, { ...options, exact: true });
  }

  /** Tells the agent that its connection is about to be closed. Does not close it. */
  sendClose(message: CloseMessage = {}, options: SendOptions = {}): void {
    const complete = { message: "ConnectionExpired: Reconnect to continue", ...message };
    this.post("CloseMessage", complete, { ...options, exact: true });
  }

  /**
   * Sends a message exactly as it is, complete or not.
   *
   * @returns The handle; its `acked` never settles for a type that agents do not answer.
   */
  send<T extends ReceivedMessageType>(
    type: T,
    message: ReceivedMessages[T],
    options: SendOptions = {},
  ): PostedMessage {
    return this.post(type, message, { ...options, exact: true });
  }

  /**
   * Sends one frame of any content: text as a text frame, bytes as a binary one.
   *
   * @param data The frame's content.
   * @param options Where it goes.
   */
  sendRaw(data: string | Uint8Array, options: SendOptions = {}): void {
    this.postFrame(data, options);
  }
}
