/**
 * Detects that answers do not reach the service.
 *
 * @module
 */

/** A message that is redelivered repeatedly although it was answered. */
export interface LostAnswers {
  /** The type of the redelivered message. */
  readonly type: string;
  /** Its id. */
  readonly messageId: string;
  /** Number of earlier connections on which it was answered. */
  readonly connections: number;
}

/**
 * One lost answer is normal: a connection may break just after it was sent. A message that arrives
 * a third time, after it was answered over two connections, is not.
 */
const MIN_CONNECTIONS = 2;

/** How many answered messages are remembered, for this connection and the earlier ones together. */
const MAX_REMEMBERED = 256;

/** Longer ids are not remembered. The service's have 36 characters. */
const MAX_ID_LENGTH = 128;

/**
 * Remembers which messages were answered over which connections. The service redelivers messages
 * without an answer; if one is redelivered over new connections, again and again, after it was
 * answered over each, then what the session sends is lost on the way, even if the other direction
 * works.
 */
export class AnswerWatch {
  readonly #minQuietMs: number;
  /** The messages answered on this connection; the newest replaces the oldest. */
  #answered: string[] = [];
  #answeredCount = 0;
  /**
   * For each answered message, the number of earlier connections over which it was answered; the
   * oldest first. Often empty.
   */
  #before: Map<string, number> | undefined;
  /** Those of them that were redelivered, on this connection or an earlier one, but not answered since. */
  #pending: Set<string> | undefined;
  /** Those of them from earlier connections. */
  #unanswered: ReadonlySet<string> | undefined;
  #lost: LostAnswers | undefined;
  /** The time, by `performance.now()`, when an answered message was last redelivered. */
  #repeatedAt = -Infinity;
  #repeatedOnThis = false;
  #quietMs = 0;
  /** The time, by `performance.now()`, when the newest connection opened. */
  #connectedAt = Infinity;

  /**
   * @param minQuietMs The minimum time without a redelivery of an answered message before answers
   * are assumed to arrive again, in ms.
   */
  constructor(minQuietMs: number) {
    this.#minQuietMs = minQuietMs;
  }

  /**
   * The message that shows that answers are lost. `undefined` if there is none, if none was
   * redelivered for twice as long as it took the last time, or if none was redelivered over a newer
   * connection, where the service would have sent it soon after the start.
   */
  get lost(): LostAnswers | undefined {
    if (this.#lost === undefined) return undefined;
    const now = performance.now();
    if (!this.#repeatedOnThis && now - this.#connectedAt >= this.#minQuietMs) return undefined;
    return now - this.#repeatedAt < this.#quietMs ? this.#lost : undefined;
  }

  /**
   * A new connection is open: from now on, messages answered so far count as answered over an
   * earlier one.
   */
  connected(): void {
    // What the last connection has shown counts for this one, too.
    if (this.lost === undefined) this.#lost = undefined;
    this.#repeatedOnThis = false;
    this.#connectedAt = performance.now();
    this.#unanswered = this.#pending;
    this.#pending = this.#pending && new Set(this.#remembered(this.#pending));
    if (this.#answeredCount === 0) return;
    const before = this.#before ?? new Map<string, number>();
    for (const id of new Set(this.#answered)) {
      const connections = before.get(id) ?? 0;
      // Deleted first, so that it becomes the newest entry.
      before.delete(id);
      before.set(id, connections + 1);
    }
    for (const id of before.keys()) {
      if (before.size <= MAX_REMEMBERED) break;
      before.delete(id);
    }
    this.#before = before;
    this.#answered = [];
    this.#answeredCount = 0;
  }

  /** The answer to a message was handed to the connection. */
  answered(messageId: string): void {
    if (messageId.length > MAX_ID_LENGTH) return;
    this.#answered[this.#answeredCount % MAX_REMEMBERED] = messageId;
    this.#answeredCount += 1;
    this.#pending?.delete(messageId);
  }

  /**
   * A message was received.
   *
   * @returns What is lost, if this message is the first to show it.
   */
  received(type: string, messageId: string): LostAnswers | undefined {
    const connections = this.#before?.get(messageId);
    if (connections === undefined) return undefined;
    (this.#pending ??= new Set()).add(messageId);
    // Its handler failed the last time, for example: that it is redelivered shows nothing. The
    // connections in between may have been too short for a redelivery.
    if (this.#unanswered?.has(messageId)) return undefined;
    const wasLost = this.lost !== undefined;
    // The last answers on a connection may still be in transit when the service redelivers their
    // messages on the next one, so such a redelivery does not show that answers are still being
    // lost.
    if (wasLost && connections < MIN_CONNECTIONS) return undefined;
    this.#countRepeat();
    if (connections < MIN_CONNECTIONS) return undefined;
    this.#lost = { type, messageId, connections };
    return wasLost ? undefined : this.#lost;
  }

  #remembered(ids: Iterable<string>): string[] {
    return Array.from(ids).filter((id) => this.#before?.has(id));
  }

  #countRepeat(): void {
    const now = performance.now();
    // The service redelivers everything that it has no answer to, some of it twice: that is one
    // interval each.
    if (!this.#repeatedOnThis) {
      const sinceLast = now - this.#repeatedAt;
      this.#quietMs = Math.max(this.#minQuietMs, Number.isFinite(sinceLast) ? 2 * sinceLast : 0);
    }
    this.#repeatedOnThis = true;
    this.#repeatedAt = now;
  }
}
