/**
 * A message on its way to its responder.
 *
 * @module
 */

import { heldBytes, MAX_BYTES_PER_CHARACTER } from "../../internal/held_bytes.ts";
import type { ReceivedMessage } from "../../protocol/decode.ts";
import type { SentMessages, SentMessageType } from "../../protocol/messages.ts";
import type { Redelivery } from "../../responders/responder.ts";
import type { LaneJob } from "./lane.ts";

/** An answer that was sent. */
export interface Answer {
  /** Its type. */
  readonly type: SentMessageType;
  /** The answer. */
  readonly message: SentMessages[SentMessageType];
}

/** One received message. */
export class MessageJob implements LaneJob {
  /** The message. */
  readonly received: ReceivedMessage;
  /** The size of its frame, in characters. */
  readonly size: number;
  /** When it was received, in ms of `performance.now()`: ages and durations start here. */
  readonly receivedAt: number;
  /** The message's id, if it has one. */
  readonly messageId: string | undefined;
  /** Identifies its copies; missing if each copy is handled. */
  readonly key: string | undefined;
  /** See {@linkcode LaneJob.bytes}. */
  bytes: number;
  /** See {@linkcode LaneJob.durationMs}. */
  durationMs = 0;
  /** Whether a copy has arrived since. */
  isRedelivered = false;
  /** Whether the last run has sent an answer. */
  isAnswered = false;
  /** The answers from the last run; kept only if a copy could arrive. */
  answers: Answer[] = NO_ANSWERS;
  #isMeasured = false;

  /**
   * Creates the job of a message.
   *
   * @param received The message.
   * @param size The size of its frame, in characters.
   * @param receivedAt When it was received, in ms of `performance.now()`.
   * @param redelivery What a copy of it means.
   */
  constructor(
    received: ReceivedMessage,
    size: number,
    receivedAt: number,
    redelivery: Redelivery,
  ) {
    this.received = received;
    this.size = size;
    this.bytes = size * MAX_BYTES_PER_CHARACTER;
    this.receivedAt = receivedAt;
    this.messageId = messageIdOf(received.message);
    this.key = redelivery === "copy" ? this.messageId : undefined;
  }

  /** See {@linkcode LaneJob.measure}. */
  measure(): void {
    if (this.#isMeasured) return;
    this.#isMeasured = true;
    this.bytes = Math.min(this.bytes, heldBytes(this.received.message, this.bytes));
  }
}

/** Shared by all jobs without an answer, and never changed. */
const NO_ANSWERS: Answer[] = [];

/** A message's id, if it has one. */
export function messageIdOf(message: object): string | undefined {
  if (!("messageId" in message) || typeof message.messageId !== "string") return undefined;
  return message.messageId === "" ? undefined : message.messageId;
}
