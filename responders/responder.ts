/**
 * What all responders have in common: one answers one type of message.
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
 * Sends one message to the service on the connection that is alive now, which need not be the one
 * that the message being answered came by. Never throws: what cannot be sent is logged, and the
 * service sends again what it has no answer to.
 */
export type Respond = <T extends SentMessageType>(type: T, message: SentMessages[T]) => void;

/** What a responder is given beside the message. */
export interface ResponderContext {
  /** Sends an answer. */
  readonly respond: Respond;
  /** When the message was received, in ms since the epoch. */
  readonly receivedAt: number;
  /**
   * Starts work that goes on after the message has been answered, so that its failure is logged,
   * `health()` shows it and a stop waits for it.
   *
   * @param work The work.
   * @param held What of the message the work holds on to: it counts towards `limits.maxHeldBytes` for as
   * long as the work lasts, and its secrets are redacted if the work fails. Default: the message.
   * @throws {LimitExceededError} If too much goes on already; the message is then not to be answered.
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
   * Handles one message.
   *
   * @param message The message.
   * @param context What it needs beside.
   * @returns Settles when the message is done with.
   * @throws {InvalidMessageError} If the message breaks one of its rules: logged, never answered.
   * @throws Whatever an agent's handler throws: logged with type and message id, not answered.
   */
  handleMessage(message: ReceivedMessages[T], context: ResponderContext): void | Promise<void>;
}
