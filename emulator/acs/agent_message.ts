/**
 * An agent's messages, decoded and checked.
 *
 * @module
 */

import { isSentMessageType } from "../../protocol/message_types.ts";
import type { SentMessages, SentMessageType } from "../../protocol/messages.ts";
import type { Secrets } from "../../internal/redaction/secrets.ts";
import { hideQuotes } from "../../protocol/quoted_secrets.ts";
import { oneLine } from "../../internal/one_line.ts";

/** The origin of a message. */
export interface MessageOrigin {
  /** The connection that it arrived over. */
  readonly connectionId: number;
  /** The container instance that sent it. */
  readonly containerInstanceArn: string;
  /** When it arrived, in ms since the epoch. */
  readonly at: number;
}

/** One message that an agent sent. Printing it shows no contents. */
export class AgentMessageRecord<T extends SentMessageType> {
  /** The message's type. */
  readonly type: T;
  /** The id of the service's message that it answers; `undefined` when the agent gave none. */
  readonly messageId: string | undefined;
  /** The connection that it arrived over. */
  readonly connectionId: number;
  /** The container instance that sent it. */
  readonly containerInstanceArn: string;
  /** When it arrived, in ms since the epoch, by the emulator's clock. */
  readonly at: number;
  /** The frame's size in bytes. */
  readonly bytes: number;
  readonly #message: SentMessages[T];
  #answers = false;
  #quotable: Secrets = [];

  /**
   * Created by the emulator.
   *
   * @param type The message's type.
   * @param message The message.
   * @param origin The connection, the time, and the frame's size.
   */
  constructor(
    type: T,
    message: SentMessages[T],
    origin: MessageOrigin & { readonly bytes: number },
  ) {
    this.type = type;
    this.messageId = message.messageId ?? undefined;
    this.connectionId = origin.connectionId;
    this.containerInstanceArn = origin.containerInstanceArn;
    this.at = origin.at;
    this.bytes = origin.bytes;
    this.#message = message;
  }

  /** The message. */
  get message(): SentMessages[T] {
    return this.#message;
  }

  /**
   * Whether a queued message waited for this answer: the first one with the right type, from the
   * right container instance, with the message's ARNs.
   */
  get answers(): boolean {
    return this.#answers;
  }

  /** Marks a message as the answer that a queued message waited for. */
  static markAsAnswer(record: AgentMessage): void {
    record.#answers = true;
  }

  /** Sets the secrets of the answered message, which an agent may quote in its answer. */
  static markQuotable(record: AgentMessage, secrets: Secrets): void {
    record.#quotable = secrets;
  }

  /** The message without quoted secrets. */
  static withoutQuotes(record: AgentMessage): unknown {
    if (record.type !== "NackRequest") return record.message;
    const { reason, ...rest } = record.message;
    return {
      ...rest,
      ...(reason !== undefined && {
        reason: reason === null ? reason : hideQuotes(reason, record.#quotable),
      }),
    };
  }
}

/** Any message that an agent sends; `type` says which. */
export type AgentMessage = { [T in SentMessageType]: AgentMessageRecord<T> }[SentMessageType];

/** An agent's message of one type. */
export type AgentMessageOf<T extends SentMessageType> = Extract<AgentMessage, { readonly type: T }>;

/** Whether an agent's message is of a type. */
export function isOfType<T extends SentMessageType>(
  message: AgentMessage,
  type: T,
): message is AgentMessageOf<T> {
  return message.type === type;
}

/**
 * Decodes one frame.
 *
 * @param data The frame.
 * @param origin The connection and the time.
 * @returns The message, or a description of the problem, which quotes nothing from the frame but
 * the type's name.
 */
export function decodeAgentMessage(
  data: Uint8Array,
  origin: MessageOrigin,
): AgentMessage | string {
  const frame = parse(data);
  if (!isObject(frame)) return `A frame of ${data.byteLength} bytes is not a JSON object`;
  const { type, message } = frame;
  if (typeof type !== "string") return "A frame has no type";
  if (!isSentMessageType(type)) return `${oneLine(type, 64)} is not a message that agents send`;
  if (!isObject(message)) return `The ${type} has no message object`;

  const from = { ...origin, bytes: data.byteLength };
  const unfit = `The ${type} has a field of the wrong type`;
  switch (type) {
    case "AckRequest":
      return isAck(message) ? new AgentMessageRecord(type, message, from) : unfit;
    case "NackRequest":
      return isNack(message) ? new AgentMessageRecord(type, message, from) : unfit;
    case "HeartbeatAckRequest":
      return isHeartbeatAck(message) ? new AgentMessageRecord(type, message, from) : unfit;
    case "IAMRoleCredentialsAckRequest":
      return isCredentialsAck(message) ? new AgentMessageRecord(type, message, from) : unfit;
    case "TaskStopVerificationMessage":
      return isStopVerification(message) ? new AgentMessageRecord(type, message, from) : unfit;
  }
}

function parse(data: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(data));
  } catch {
    // Not JSON: the caller reports it. The error from JSON.parse would quote the text.
    return undefined;
  }
}

type JsonObject = { readonly [name: string]: unknown };

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function areTexts(value: JsonObject, ...names: readonly string[]): boolean {
  return names.every((name) => {
    const field = value[name];
    return field === undefined || field === null || typeof field === "string";
  });
}

function isAck(value: JsonObject): value is JsonObject & SentMessages["AckRequest"] {
  return areTexts(value, "cluster", "containerInstance", "messageId");
}

function isNack(value: JsonObject): value is JsonObject & SentMessages["NackRequest"] {
  return areTexts(value, "cluster", "containerInstance", "messageId", "reason");
}

function isHeartbeatAck(
  value: JsonObject,
): value is JsonObject & SentMessages["HeartbeatAckRequest"] {
  return areTexts(value, "messageId");
}

function isCredentialsAck(
  value: JsonObject,
): value is JsonObject & SentMessages["IAMRoleCredentialsAckRequest"] {
  return areTexts(value, "messageId", "expiration", "credentialsId");
}

function isStopVerification(
  value: JsonObject,
): value is JsonObject & SentMessages["TaskStopVerificationMessage"] {
  const { stopCandidates } = value;
  if (!areTexts(value, "messageId")) return false;
  if (stopCandidates === undefined || stopCandidates === null) return true;
  return Array.isArray(stopCandidates) &&
    stopCandidates.every((task: unknown) =>
      isObject(task) && areTexts(task, "taskArn", "taskClusterArn", "desiredStatus")
    );
}
