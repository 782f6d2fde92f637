/**
 * The service's heartbeats on one connection.
 *
 * @module
 */

import { AnswerCounts } from "./answer_counts.ts";
import type { AnswerVerdict } from "./answer_verdict.ts";

/**
 * How late a timer may be, in ms, for an unanswered heartbeat to be the agent's fault. Ours: if it is
 * later, the emulator's own process was held up, and the answer may have come without being read.
 */
const MAX_LATENESS_MS = 50;

/** How many heartbeats are remembered, to tell a repeated answer from a stray one. */
const REMEMBERED = 1_000;

/** What the heartbeats do to a connection. */
export interface HeartbeatConnection {
  /** Whether messages can be sent. */
  readonly open: boolean;
  /** Whether a fault in force keeps back what either side sends, so that answers come late. */
  readonly slowed: boolean;
  /** How many copies of a message go out: more than one while a fault duplicates messages. */
  readonly copies: number;
  /** Closes it. */
  close(code: number, reason: string): void;
}

/** What the heartbeats of a connection need. */
export interface HeartbeatsOptions {
  /** The connection; once it is no longer open, no heartbeat is sent any more. */
  readonly connection: HeartbeatConnection;
  /** Time to the next heartbeat, in ms, asked before each; 0 for none at all. */
  readonly nextDelayMs: () => number;
  /** How many unanswered heartbeats are tolerated; 0 for any number. */
  readonly missedLimit: number;
  /** Sends one heartbeat and returns its message id; `undefined` if it could not be sent. */
  readonly send: () => string | undefined;
  /** Called for each heartbeat that is not answered by the time the next one is due. */
  readonly missed: (messageId: string) => void;
}

/**
 * Sends a heartbeat immediately and then after every delay, and watches for the answers: one that is
 * not there when the next heartbeat is due is reported, and once the limit of unanswered ones is
 * reached, the connection is closed instead of sending one more.
 */
export class Heartbeats {
  readonly #options: HeartbeatsOptions;
  readonly #unanswered = new Set<string>();
  readonly #counts = new AnswerCounts(REMEMBERED);
  #latest: string | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * Prepares the heartbeats of one connection.
   *
   * @param options What they need.
   */
  constructor(options: HeartbeatsOptions) {
    this.#options = options;
  }

  /** Sends the first heartbeat and starts the clock. */
  start(): void {
    const delayMs = this.#options.nextDelayMs();
    if (delayMs > 0) this.#beat(delayMs);
  }

  /**
   * Takes an answer. One answer also covers all other heartbeats, as far as the limit goes.
   *
   * @returns What it turned out to be; `undefined` if it answers none of these heartbeats.
   */
  answered(messageId: string): AnswerVerdict | undefined {
    if (!this.#counts.has(messageId)) return undefined;
    const isFirst = !this.#counts.isAnswered(messageId);
    const isInNumber = this.#counts.countAnswer(messageId);
    if (!isFirst) return isInNumber ? "repeated" : "surplus";
    this.#unanswered.clear();
    return "settled";
  }

  /** Stops the clock. */
  stop(): void {
    clearTimeout(this.#timer);
  }

  #beat(delayMs: number): void {
    const { connection, missedLimit, send, nextDelayMs } = this.#options;
    if (!connection.open) return;
    if (missedLimit > 0 && this.#unanswered.size >= missedLimit) {
      return connection.close(1000, "HeartbeatAckMissing: Reconnect to continue");
    }
    const { slowed, copies } = connection;
    const dueAt = performance.now() + delayMs;
    this.#timer = setTimeout(() => {
      const isLate = performance.now() - dueAt > MAX_LATENESS_MS;
      if (connection.open && !slowed && !connection.slowed && !isLate) this.#reportMissed();
      this.#beat(nextDelayMs());
    }, delayMs);
    this.#latest = send();
    if (this.#latest === undefined) return;
    this.#unanswered.add(this.#latest);
    this.#counts.countSent(this.#latest, copies);
  }

  #reportMissed(): void {
    const messageId = this.#latest;
    if (messageId === undefined || this.#counts.isAnswered(messageId)) return;
    this.#options.missed(messageId);
  }
}
