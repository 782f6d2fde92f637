/**
 * The service's heartbeats on one connection.
 *
 * @module
 */

import { AnswerCounts } from "./answer_counts.ts";
import type { AnswerVerdict } from "./answer_verdict.ts";

/**
 * Maximum delay of a timer, in ms, at which an unanswered heartbeat still counts against the agent.
 * If the timer is later, the emulator's own process was blocked, and the answer may have arrived
 * unread.
 */
const MAX_LATENESS_MS = 50;

/** Number of heartbeats remembered, to distinguish a repeated answer from a stray one. */
const REMEMBERED = 1_000;

/** The connection, as its heartbeats use it. */
export interface HeartbeatConnection {
  /** Whether messages can be sent. */
  readonly open: boolean;
  /** Whether an active fault delays the frames of either side, so that answers arrive late. */
  readonly slowed: boolean;
  /** Number of copies sent of each message: 2 while a fault duplicates messages. */
  readonly copies: number;
  /** Closes it. */
  close(code: number, reason: string): void;
}

/** The parts of a connection's heartbeats. */
export interface HeartbeatsOptions {
  /** The connection; no heartbeat is sent once it is no longer open. */
  readonly connection: HeartbeatConnection;
  /** Time to the next heartbeat, in ms, called before each; 0 for no heartbeats. */
  readonly nextDelayMs: () => number;
  /** How many unanswered heartbeats are tolerated; 0 for any number. */
  readonly missedLimit: number;
  /** Sends one heartbeat and returns its message id; `undefined` if it could not be sent. */
  readonly send: () => string | undefined;
  /** Called for each heartbeat that is not answered by the time the next one is due. */
  readonly missed: (messageId: string) => void;
}

/**
 * Sends a heartbeat immediately and then after every delay, and watches for the answers: a missing
 * answer is reported when the next heartbeat is due, and when the limit of unanswered heartbeats is
 * reached, the connection is closed instead.
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
   * @param options Its parts.
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
   * Handles an answer. For the limit, one answer covers all earlier heartbeats.
   *
   * @returns The verdict; `undefined` if it answers none of these heartbeats.
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
