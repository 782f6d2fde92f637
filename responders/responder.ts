/**
 * The interface of responders: each answers one type of message.
 *
 * @module
 */

import type {
  ReceivedMessages,
  ReceivedMessageType,
  SentMessages,
  SentMessageType,
} from "../protocol/messages.ts";

/**
 * Sends one message to the service on the current connection, which is not necessarily the one on
 * which the answered message arrived. Never throws: if a message cannot be sent, that is logged,
 * and the service resends the unanswered message.
 */
export type Respond = <T extends SentMessageType>(type: T, message: SentMessages[T]) => void;

/**
 * The name of a lane. The messages of one lane are handled one at a time, in the order of their
 * arrival.
 *
 * - `payload`: payloads, manifests and stop verifications, which share the sequence number.
 * - `credentials`, `attachments`: the messages of that kind.
 * - `updates`: updates, whose download may take a quarter of an hour.
 * - `other`: all other messages.
 */
export type LaneName = "payload" | "credentials" | "attachments" | "updates" | "other";

/** The lanes, in the order in which `health()` lists them. */
export const LANE_NAMES: readonly LaneName[] = [
  "payload",
  "credentials",
  "attachments",
  "updates",
  "other",
];

/**
 * What it means if the service redelivers a message, under the same id, while the first one is
 * queued or being handled:
 *
 * - `copy`: it is the same message. It is not handled again, but the answers are resent.
 * - `new`: it is another message, and is handled like any other.
 */
export type Redelivery = "copy" | "new";

/** What a responder gets in addition to the message. */
export interface ResponderContext {
  /** Sends an answer. */
  readonly respond: Respond;
  /** When the message was received, in ms since the epoch. */
  readonly receivedAt: number;
  /**
   * Starts work that continues after the message has been answered. If it fails, that is logged;
   * `health()` shows it, and a stop waits for it.
   *
   * @param work The work.
   * @param held The part of the message that the work uses: it counts towards `limits.maxHeldBytes`
   * until the work ends, and its secrets are redacted if the work fails. Default: the message.
   * @throws {LimitExceededError} If too much work is running; do not answer the message then.
   */
  background(work: () => unknown, held?: object): void;
}

/** Answers one type of message. */
export interface RequestResponder<T extends ReceivedMessageType = ReceivedMessageType> {
  /** A name for logs, such as `"payload responder"`. */
  readonly name: string;
  /** The type of message. */
  readonly messageType: T;
  /**
   * The lane of its messages, or `"none"` to handle each on arrival. Default: that of the responder
   * that it replaces, or `"other"`.
   */
  readonly lane?: LaneName | "none";
  /**
   * What it means if a message is redelivered before it was answered. Default: the same as for the
   * responder that it replaces, or `"copy"`.
   */
  readonly redelivery?: Redelivery;
  /**
   * Handles one message.
   *
   * @param message The message.
   * @param context How to answer it.
   * @returns Settles when the message has been handled.
   * @throws {InvalidMessageError} If the message violates one of its rules: logged, never answered.
   * @throws Whatever an agent's handler throws: logged with type and message id, not answered.
   */
  handleMessage(message: ReceivedMessages[T], context: ResponderContext): void | Promise<void>;
}
