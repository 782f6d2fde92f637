/**
 * A message on its way to its responder, and what the responder is given beside it.
 *
 * @module
 */

import { heldBytes, MAX_BYTES_PER_CHARACTER } from "../../internal/held_bytes.ts";
import type { Respond, ResponderContext } from "../../responders/responder.ts";
import type { ReceivedMessage } from "../../protocol/decode.ts";
import type {
  ReceivedMessageType,
  SentMessages,
  SentMessageType,
} from "../../protocol/messages.ts";
import type { LaneJob } from "./lane.ts";

/** What is done with jobs; the same for all of a session. */
export interface JobActions {
  /** Handles one, from `startedAt` in ms of `performance.now()`. Never throws or rejects. */
  handle(job: MessageJob, startedAt: number): void | Promise<void>;
  /** Sends an answer. */
  readonly respond: Respond;
  /** Starts work that goes on after the message has been answered. */
  background(job: MessageJob, work: () => unknown, held: object): void;
}

/** Types whose copies are each handled: the second is out of date by a rule of its own. */
export const HANDLED_ONE_BY_ONE: ReadonlySet<ReceivedMessageType> = new Set([
  "HeartbeatMessage",
  "TaskManifestMessage",
  "TaskStopVerificationAck",
]);

/** One message. */
export class MessageJob implements LaneJob {
  /** The message. */
  readonly received: ReceivedMessage;
  /** Its frame's length, in characters. */
  readonly size: number;
  /** When it was received, in ms since the epoch. */
  readonly receivedAt: number;
  /** When it arrived, in ms of `performance.now()`: what ages and durations are measured from. */
  readonly arrivedAt: number = performance.now();
  /** The message's id, if it has one. */
  readonly messageId: string | undefined;
  /** What copies are told by; missing where each is handled. */
  readonly key: string | undefined;
  /** See {@linkcode LaneJob.bytes}. */
  bytes: number;
  /** How long it took to handle, in ms: all tries together. */
  durationMs = 0;
  /** Whether it has come again while it waited or was handled. */
  cameAgain = false;
  /** Whether the last try has answered it. */
  isAnswered = false;
  readonly #actions: JobActions;
  #answers: Answer[] | undefined;
  #isMeasured = false;

  /**
   * Prepares it.
   *
   * @param received The message.
   * @param size Its frame's length, in characters.
   * @param receivedAt When it was received, in ms since the epoch.
   * @param actions What is done with it.
   */
  constructor(received: ReceivedMessage, size: number, receivedAt: number, actions: JobActions) {
    this.received = received;
    this.size = size;
    this.bytes = size * MAX_BYTES_PER_CHARACTER;
    this.receivedAt = receivedAt;
    this.messageId = messageIdOf(received.message);
    this.key = HANDLED_ONE_BY_ONE.has(received.type) ? undefined : this.messageId;
    this.#actions = actions;
  }

  /** Handles it. */
  run(startedAt: number): void | Promise<void> {
    return this.#actions.handle(this, startedAt);
  }

  /** See {@linkcode LaneJob.measure}. */
  measure(): void {
    if (this.#isMeasured) return;
    this.#isMeasured = true;
    this.bytes = Math.min(this.bytes, heldBytes(this.received.message, this.bytes));
  }

  /** What the responder is given for one try. */
  context(): ResponderContext {
    this.#answers = undefined;
    this.isAnswered = false;
    return {
      receivedAt: this.receivedAt,
      respond: (type, message) => {
        this.#noteAnswer(type, message);
        this.#actions.respond(type, message);
      },
      background: (work, held = this.received.message) =>
        this.#actions.background(this, work, held),
    };
  }

  /** Sends the answers of the last try once more. */
  answerAgain(): void {
    for (const { type, message } of this.#answers ?? []) this.#actions.respond(type, message);
  }

  #noteAnswer<T extends SentMessageType>(type: T, message: SentMessages[T]): void {
    this.isAnswered = true;
    // Only what has a key can come again.
    if (this.key === undefined) return;
    const answer = { type, message };
    if (this.#answers === undefined) this.#answers = [answer];
    else this.#answers.push(answer);
  }
}

interface Answer {
  readonly type: SentMessageType;
  readonly message: SentMessages[SentMessageType];
}

/** A message's id, if it has one. */
export function messageIdOf(message: object): string | undefined {
  if (!("messageId" in message) || typeof message.messageId !== "string") return undefined;
  return message.messageId === "" ? undefined : message.messageId;
}
