/**
 * What was sent to which container instance, and how often it was answered: also of messages that no
 * longer wait for anything.
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
  /** How many copies went out. */
  readonly copies: number;
}

/** The messages that were sent and take an answer, as many as are remembered. */
export class SentHistory {
  readonly #limit: number;
  readonly #counts: AnswerCounts;
  /** The type of each message that was sent. */
  readonly #types = new Map<string, ReceivedMessageType>();

  /**
   * @param limit How many messages are remembered; older ones are forgotten.
   */
  constructor(limit: number) {
    this.#limit = limit;
    this.#counts = new AnswerCounts(limit);
  }

  /** Takes note of a message that goes out. */
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

  /** Takes note of an answer. */
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
