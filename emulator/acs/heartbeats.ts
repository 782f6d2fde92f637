/**
 * The service's heartbeats on one connection.
 *
 * @module
 */

/** What the heartbeats do to a connection. */
export interface HeartbeatConnection {
  /** Whether messages can be sent. */
  readonly open: boolean;
  /** Closes it. */
  close(code: number, reason: string): void;
}

/** What the heartbeats of a connection need. */
export interface HeartbeatsOptions {
  /** The connection; once it is no longer open, no heartbeat is sent any more. */
  readonly connection: HeartbeatConnection;
  /** Time from one heartbeat to the next, in ms; 0 for none at all. */
  readonly intervalMs: number;
  /** How many unanswered heartbeats are tolerated; 0 for any number. */
  readonly missedLimit: number;
  /** Sends one heartbeat and returns its message id. */
  readonly send: () => string;
}

/**
 * Sends a heartbeat at once and then at every interval, and watches for the answers: once the limit
 * of unanswered ones is reached, the connection is closed instead of sending one more.
 */
export class Heartbeats {
  readonly #options: HeartbeatsOptions;
  readonly #unanswered = new Set<string>();
  #timer: ReturnType<typeof setInterval> | undefined;

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
    if (this.#options.intervalMs === 0) return;
    this.#timer = setInterval(() => this.#beat(), this.#options.intervalMs);
    this.#beat();
  }

  /**
   * Takes an answer. One answer makes good for all heartbeats before it.
   *
   * @returns Whether it answers one of these heartbeats.
   */
  answered(messageId: string): boolean {
    if (!this.#unanswered.has(messageId)) return false;
    this.#unanswered.clear();
    return true;
  }

  /** Stops the clock. */
  stop(): void {
    clearInterval(this.#timer);
  }

  #beat(): void {
    const { connection, missedLimit, send } = this.#options;
    if (!connection.open) return this.stop();
    if (missedLimit > 0 && this.#unanswered.size >= missedLimit) {
      this.stop();
      return connection.close(1000, "HeartbeatAckMissing: Reconnect to continue");
    }
    this.#unanswered.add(send());
  }
}
