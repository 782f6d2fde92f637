/**
 * Counts how often messages were sent and answered, to recognize surplus answers.
 *
 * @module
 */

/** The counts of one message. */
interface Sent {
  /** Number of copies sent. */
  copies: number;
  /** Number of answers received. */
  answers: number;
}

/** Counts the copies of messages and the answers to them, for a limited number of messages. */
export class AnswerCounts {
  readonly #limit: number;
  readonly #sent = new Map<string, Sent>();

  /**
   * @param limit Maximum number of messages remembered; the oldest are dropped first.
   */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /**
   * Counts sent copies.
   *
   * @param key The message.
   * @param copies Number of copies: a fault may send a message twice.
   */
  countSent(key: string, copies: number): void {
    const { copies: before = 0, answers = 0 } = this.#sent.get(key) ?? {};
    this.#sent.delete(key);
    this.#sent.set(key, { copies: before + copies, answers });
    if (this.#sent.size <= this.#limit) return;
    for (const oldest of this.#sent.keys()) {
      this.#sent.delete(oldest);
      break;
    }
  }

  /** Whether a message was sent and is remembered. */
  has(key: string): boolean {
    return this.#sent.has(key);
  }

  /** Whether a message was answered. */
  isAnswered(key: string): boolean {
    return (this.#sent.get(key)?.answers ?? 0) > 0;
  }

  /**
   * Counts an answer.
   *
   * @returns Whether there are no more answers than copies.
   */
  countAnswer(key: string): boolean {
    const sent = this.#sent.get(key);
    if (sent === undefined) return false;
    sent.answers += 1;
    return sent.answers <= sent.copies;
  }
}
