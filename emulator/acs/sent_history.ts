/**
 * Which messages were sent to which container instance, and how often they were answered, even if
 * they are no longer queued.
 *
 * @module
 */

import type { ReceivedMessageType } from "../../protocol/messages.ts";
import type { AgentMessage } from "./agent_message.ts";
import { AnswerCounts } from "./answer_counts.ts";
import type { AnswerVerdict } from "./answer_verdict.ts";
import { answersCredentialsIn, expectedAnswer } from "../../protocol/answers.ts";
import type { Queued } from "./queued_message.ts";

/** Where a message went. */
interface Destination {
  /** The container instance. */
  readonly containerInstanceArn: string;
  /** Number of copies sent. */
  readonly copies: number;
}

/** The sent messages that agents answer, up to a limit. */
export class SentHistory {
  readonly #limit: number;
  readonly #counts: AnswerCounts;
  /** The type of each message that was sent. */
  readonly #types = new Map<string, ReceivedMessageType>();

  /**
   * @param limit Maximum number of messages remembered; the oldest are dropped first.
   */
  constructor(limit: number) {
    this.#limit = limit;
    this.#counts = new AnswerCounts(limit);
  }

  /** Records a sent message. */
  sent({ type, messageId }: Queued, { containerInstanceArn, copies }: Destination): void {
    if (type === undefined || expectedAnswer(type) === undefined) return;
    this.#counts.countSent(keyOf(messageId, containerInstanceArn), copies);
    this.#types.delete(messageId);
    this.#types.set(messageId, type);
    if (this.#types.size <= this.#limit) return;
    for (const oldest of this.#types.keys()) {
      this.#types.delete(oldest);
      break;
    }
  }

  /** Records an answer. */
  answered(answer: AgentMessage, containerInstanceArn: string): AnswerVerdict {
    const id = answer.messageId ?? "";
    const type = this.#types.get(id);
    if (type === undefined) return "unknown";
    const key = keyOf(id, containerInstanceArn);
    if (!this.#counts.has(key)) return "foreign";
    if (answersCredentialsIn(type, answer)) return "repeated";
    if (answer.type !== "NackRequest" && answer.type !== expectedAnswer(type)) return "wrongType";
    return this.#counts.countAnswer(key) ? "repeated" : "surplus";
  }
}

function keyOf(messageId: string, containerInstanceArn: string): string {
  return `${containerInstanceArn} ${messageId}`;
}
