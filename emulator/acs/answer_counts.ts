/**
 * How often messages were sent and answered, to tell a repeated answer from one too many.
 *
 * @module
 */

/** A message that was sent, and what came of it. */
interface Sent {
  /** How many copies of it went out. */
  copies: number;
  /** How many answers came. */
  answers: number;
}

/** Counts copies and answers of messages, for as many messages as are remembered. */
export class AnswerCounts {
  readonly #limit: number;
  readonly #sent = new Map<string, Sent>();

  /**
   * @param limit How many messages are remembered; older ones are forgotten.
   */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /**
   * Counts copies that go out.
   *
   * @param key The message.
   * @param copies How many: a fault may send a message twice.
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
   * @returns Whether it is one for each copy at most.
   */
  countAnswer(key: string): boolean {
    const sent = this.#sent.get(key);
    if (sent === undefined) return false;
    sent.answers += 1;
    return sent.answers <= sent.copies;
  }
}
