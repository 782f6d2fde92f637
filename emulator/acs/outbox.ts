/**
 * What the service has to say and what it still waits to hear an answer to.
 *
 * A message waits here until there is a connection to send it over. One that is acknowledged by the
 * agent stays here until then, and is sent again, in order, over every new connection.
 *
 * @module
 */

import type { ReceivedMessageType } from "../../wsclient/messages.ts";
import type { AgentMessage } from "./agent_message.ts";
import type { EmulatorConnection } from "./emulator_connection.ts";
import { AnswerLostError, EmulatorClosedError, MessageNackedError } from "../errors.ts";

/** The types of message that an agent answers. */
export type AnsweredMessageType = Extract<
  ReceivedMessageType,
  | "HeartbeatMessage"
  | "PayloadMessage"
  | "IAMRoleCredentialsMessage"
  | "AttachTaskNetworkInterfacesMessage"
  | "AttachInstanceNetworkInterfacesMessage"
  | "ConfirmAttachmentMessage"
  | "TaskManifestMessage"
  | "StageUpdateMessage"
  | "PerformUpdateMessage"
>;

/** What an agent answers each of them with. An update may also be answered by a NackRequest. */
const ANSWERS: Readonly<Record<AnsweredMessageType, AgentMessage["type"]>> = {
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

/** How many answered messages are remembered, to tell a repeated answer from a stray one. */
const REMEMBERED = 10_000;

/** One frame, ready to be sent. */
export interface OutgoingFrame {
  /** Text, or bytes for a binary frame. */
  readonly data: string | Uint8Array;
  /** The message's cluster ARN, which its acknowledgement has to repeat. */
  readonly cluster?: string | undefined;
  /** The message's container instance ARN, which its acknowledgement has to repeat. */
  readonly containerInstance?: string | undefined;
}

/** One message on its way. */
export interface OutgoingMessage {
  /** The message's type; `undefined` for a raw frame. */
  readonly type: ReceivedMessageType | undefined;
  /** The message's id; empty when it has none. */
  readonly messageId: string;
  /** The container instance it is meant for; `undefined` for the one that connected last. */
  readonly containerInstanceArn: string | undefined;
  /** Makes the frame. Called again each time the message is sent again. */
  readonly build: (recipient: EmulatorConnection) => OutgoingFrame;
}

/** A message that was handed to the emulator for sending. */
export interface PostedMessage {
  /** The message's id. */
  readonly messageId: string;
  /**
   * Resolves with the agent's acknowledgement.
   *
   * Rejects with {@linkcode MessageNackedError} when the agent refuses the message, with
   * {@linkcode AnswerLostError} when a heartbeat's connection ends first, and with
   * {@linkcode EmulatorClosedError} when the emulator is closed first. A rejection that nobody
   * awaits is not reported.
   */
  readonly acked: Promise<AgentMessage>;
}

/** What an agent's answer turned out to be. */
export type AnswerVerdict = "settled" | "repeated" | "mismatch" | "unknown";

/** What the outbox asks of the emulator. */
export interface OutboxOptions {
  /** The open connection for a container instance, or the newest of all. */
  readonly find: (containerInstanceArn: string | undefined) => EmulatorConnection | undefined;
  /** Told of every frame that was sent. */
  readonly sent: (
    connection: EmulatorConnection,
    message: OutgoingMessage,
    data: string | Uint8Array,
    resent: boolean,
  ) => void;
}

interface Entry {
  readonly message: OutgoingMessage;
  readonly settle: PromiseWithResolvers<AgentMessage>;
  /** The connection it was last sent over. */
  connection: EmulatorConnection | undefined;
  frame: OutgoingFrame | undefined;
}

/** The messages of one emulator. */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #entries: Entry[] = [];
  readonly #answered = new Set<string>();

  /**
   * Starts empty.
   *
   * @param options What it asks of the emulator.
   */
  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  /** How many messages wait for a connection or an answer. */
  get pending(): number {
    return this.#entries.length;
  }

  /** Whether a message waits for a connection or an answer. */
  has(messageId: string | null | undefined): boolean {
    return this.#entries.some(({ message }) => message.messageId === messageId);
  }

  /** Sends a message over the connection it is meant for, or keeps it until there is one. */
  post(message: OutgoingMessage): PostedMessage {
    const settle = Promise.withResolvers<AgentMessage>();
    settle.promise.catch(() => {
      // Whoever awaits the promise hears of it; for anybody else it is no failure.
    });
    const entry = { message, settle, connection: undefined, frame: undefined };
    this.#entries.push(entry);
    const connection = this.#options.find(message.containerInstanceArn);
    if (connection !== undefined) this.#send(entry, connection);
    return { messageId: message.messageId, acked: settle.promise };
  }

  /** Sends all that waits for a new connection, in order. */
  deliver(connection: EmulatorConnection): void {
    for (const entry of [...this.#entries]) {
      // A listener that heard of the new connection may have sent something over it already.
      if (entry.connection === connection || !isFor(entry, connection)) continue;
      this.#send(entry, connection);
    }
  }

  /** Takes an agent's answer. */
  answer(answer: AgentMessage): AnswerVerdict {
    const id = answer.messageId ?? "";
    const entry = this.#entries.find(({ message }) => message.messageId === id);
    if (entry === undefined) return this.#answered.has(id) ? "repeated" : "unknown";
    return this.#settle(entry, answer);
  }

  /** Gives up what was sent over a connection that ended and is not sent again. */
  ended(connection: EmulatorConnection): void {
    for (const entry of [...this.#entries]) {
      if (entry.connection !== connection || isResent(entry.message)) continue;
      this.#remove(entry);
      entry.settle.reject(new AnswerLostError(entry.message.messageId));
    }
  }

  /** Gives up everything. */
  close(): void {
    for (const { message, settle } of this.#entries.splice(0)) {
      settle.reject(new EmulatorClosedError(`message ${message.messageId} was acknowledged`));
    }
  }

  #send(entry: Entry, connection: EmulatorConnection): void {
    const resent = entry.connection !== undefined;
    const frame = entry.message.build(connection);
    entry.connection = connection;
    entry.frame = frame;
    if (expectedAnswer(entry.message) === undefined) this.#remove(entry);
    connection.send(frame.data);
    this.#options.sent(connection, entry.message, frame.data, resent);
  }

  #settle(entry: Entry, answer: AgentMessage): AnswerVerdict {
    const { messageId } = entry.message;
    if (answer.type === "NackRequest") {
      if (!repeatsArns(entry, answer.message)) return "mismatch";
      this.#remove(entry);
      entry.settle.reject(new MessageNackedError(messageId, answer.message.reason ?? ""));
      return "settled";
    }
    if (answer.type !== expectedAnswer(entry.message)) {
      // The credentials inside a payload are acknowledged one by one, beside the payload itself.
      const besides = entry.message.type === "PayloadMessage" &&
        answer.type === "IAMRoleCredentialsAckRequest";
      return besides ? "repeated" : "mismatch";
    }
    if (answer.type === "AckRequest" && !repeatsArns(entry, answer.message)) return "mismatch";
    this.#remove(entry);
    entry.settle.resolve(answer);
    return "settled";
  }

  #remove(entry: Entry): void {
    this.#entries.splice(this.#entries.indexOf(entry), 1);
    if (expectedAnswer(entry.message) === undefined) return;
    this.#answered.add(entry.message.messageId);
    if (this.#answered.size <= REMEMBERED) return;
    for (const oldest of this.#answered) {
      this.#answered.delete(oldest);
      break;
    }
  }
}

function expectedAnswer(message: OutgoingMessage): AgentMessage["type"] | undefined {
  const { type } = message;
  return type !== undefined && isAnsweredMessageType(type) ? ANSWERS[type] : undefined;
}

/** Whether agents answer messages of this type. */
function isAnsweredMessageType(type: ReceivedMessageType): type is AnsweredMessageType {
  return Object.hasOwn(ANSWERS, type);
}

function isResent(message: OutgoingMessage): boolean {
  return message.type !== "HeartbeatMessage";
}

/** A message once sent belongs to the container instance that got it. */
function isFor(entry: Entry, connection: EmulatorConnection): boolean {
  const arn = entry.message.containerInstanceArn ?? entry.connection?.containerInstanceArn;
  return arn === undefined || arn === connection.containerInstanceArn;
}

function repeatsArns(
  entry: Entry,
  answer: {
    readonly cluster?: string | null | undefined;
    readonly containerInstance?: string | null | undefined;
  },
): boolean {
  const { cluster, containerInstance } = entry.frame ?? {};
  return (answer.cluster ?? "") === (cluster ?? "") &&
    (answer.containerInstance ?? "") === (containerInstance ?? "");
}
