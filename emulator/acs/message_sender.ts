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
} from "../../wsclient/messages.ts";
import { EmulatorEventTarget } from "../events.ts";
import type { OutgoingMessage, PostedMessage } from "./outbox.ts";
import { outgoingMessage, type SendOptions, textField } from "./outgoing_message.ts";

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
  /** Counts payloads and manifests, which share one order. */
  #sequence = 0;

  /** The service's clock, in ms since the epoch. */
  abstract now(): number;

  /** Sends a message or keeps it for sending. */
  protected abstract post(message: OutgoingMessage): PostedMessage;

  /** Sends a heartbeat, beside those that the emulator sends by itself. It is not sent again. */
  sendHeartbeat(message: HeartbeatMessage = {}, options: SendOptions = {}): PostedMessage {
    return this.#post("HeartbeatMessage", message, options, () => ({ healthy: true, ...message }));
  }

  /** Sends tasks. */
  sendPayload(message: PayloadMessage, options: SendOptions = {}): PostedMessage {
    const seqNum = message.seqNum ?? ++this.#sequence;
    const generatedAt = message.generatedAt ?? this.now();
    return this.#post(
      "PayloadMessage",
      message,
      options,
      (arns) => ({ ...message, ...arns, generatedAt, seqNum }),
    );
  }

  /** Sends fresh credentials of one task's role. */
  sendCredentials(message: IAMRoleCredentialsMessage, options: SendOptions = {}): PostedMessage {
    return this.#post("IAMRoleCredentialsMessage", message, options, () => message);
  }

  /** Announces network interfaces of a task. */
  attachTaskNetworkInterfaces(
    message: AttachTaskNetworkInterfacesMessage,
    options: SendOptions = {},
  ): PostedMessage {
    const generatedAt = message.generatedAt ?? this.now();
    return this.#post(
      "AttachTaskNetworkInterfacesMessage",
      message,
      options,
      (arns) => ({ ...message, ...arns, generatedAt }),
    );
  }

  /** Announces network interfaces of the container instance. */
  attachInstanceNetworkInterfaces(
    message: AttachInstanceNetworkInterfacesMessage,
    options: SendOptions = {},
  ): PostedMessage {
    const generatedAt = message.generatedAt ?? this.now();
    return this.#post(
      "AttachInstanceNetworkInterfacesMessage",
      message,
      options,
      (arns) => ({ ...message, ...arns, generatedAt }),
    );
  }

  /** Announces another resource, such as a volume. */
  confirmAttachment(message: ConfirmAttachmentMessage, options: SendOptions = {}): PostedMessage {
    const generatedAt = message.generatedAt ?? this.now();
    return this.#post(
      "ConfirmAttachmentMessage",
      message,
      options,
      (arns) => ({ ...message, ...arns, generatedAt }),
    );
  }

  /**
   * Sends the list of all tasks that should be on the instance.
   *
   * Agents discard a manifest that is no newer than what they know, so each sending gets a new
   * `timeline`, unless the message brings one.
   */
  sendTaskManifest(message: TaskManifestMessage, options: SendOptions = {}): PostedMessage {
    return this.#post("TaskManifestMessage", message, options, (arns) => ({
      ...message,
      ...arns,
      generatedAt: message.generatedAt ?? this.now(),
      timeline: message.timeline ?? ++this.#sequence,
    }));
  }

  /** Says which tasks may be stopped. `messageId` is the manifest's. */
  sendTaskStopVerificationAck(message: TaskStopVerificationAck, options: SendOptions = {}): void {
    this.send(
      "TaskStopVerificationAck",
      { ...message, generatedAt: message.generatedAt ?? this.now() },
      options,
    );
  }

  /** Asks the agent to download a new version of itself. */
  sendStageUpdate(message: StageUpdateMessage, options: SendOptions = {}): PostedMessage {
    return this.#post("StageUpdateMessage", message, options, (arns) => ({ ...message, ...arns }));
  }

  /** Asks the agent to switch to the version it downloaded. */
  sendPerformUpdate(message: PerformUpdateMessage, options: SendOptions = {}): PostedMessage {
    return this.#post(
      "PerformUpdateMessage",
      message,
      options,
      (arns) => ({ ...message, ...arns }),
    );
  }

  /** Tells the agent of an error. */
  sendError(message: ErrorMessage, options: SendOptions = {}): void {
    this.send("ErrorMessage", message, options);
  }

  /** Tells the agent that its connection is about to be closed. Does not close it. */
  sendClose(message: CloseMessage = {}, options: SendOptions = {}): void {
    this.send(
      "CloseMessage",
      { message: "ConnectionExpired: Reconnect to continue", ...message },
      options,
    );
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
    const messageId = textField(message, "messageId") ?? "";
    const arn = options.containerInstanceArn ?? textField(message, "containerInstanceArn");
    return this.post(outgoingMessage(type, messageId, arn, () => message));
  }

  /**
   * Sends one frame of any content: text as a text frame, bytes as a binary one.
   *
   * @param data The frame's content.
   * @param options Where it goes.
   */
  sendRaw(data: string | Uint8Array, options: SendOptions = {}): void {
    const { containerInstanceArn } = options;
    this.post({ type: undefined, messageId: "", containerInstanceArn, build: () => ({ data }) });
  }

  #post<T extends ReceivedMessageType>(
    type: T,
    message: ReceivedMessages[T],
    options: SendOptions,
    complete: (arns: FilledArns) => ReceivedMessages[T],
  ): PostedMessage {
    const messageId = textField(message, "messageId") ?? crypto.randomUUID();
    const arn = options.containerInstanceArn ?? textField(message, "containerInstanceArn");
    return this.post(outgoingMessage(type, messageId, arn, (recipient) => ({
      ...complete({
        clusterArn: textField(message, "clusterArn") ?? recipient.clusterArn,
        containerInstanceArn: textField(message, "containerInstanceArn") ??
          recipient.containerInstanceArn,
      }),
      messageId,
    })));
  }
}

interface FilledArns {
  readonly clusterArn: string;
  readonly containerInstanceArn: string;
}
