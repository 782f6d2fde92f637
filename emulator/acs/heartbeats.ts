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
  /** Time to the next heartbeat, in ms, asked before each; 0 for none at all. */
  readonly nextDelayMs: () => number;
  /** How many unanswered heartbeats are tolerated; 0 for any number. */
  readonly missedLimit: number;
  /** Sends one heartbeat and returns its message id. */
  readonly send: () => string;
}

/**
 * Sends a heartbeat at once and then after every delay, and watches for the answers: once the limit
 * of unanswered ones is reached, the connection is closed instead of sending one more.
 */
export class Heartbeats {
  readonly #options: HeartbeatsOptions;
  readonly #unanswered = new Set<string>();
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
    clearTimeout(this.#timer);
  }

  #beat(delayMs: number): void {
    const { connection, missedLimit, send, nextDelayMs } = this.#options;
    if (!connection.open) return;
    if (missedLimit > 0 && this.#unanswered.size >= missedLimit) {
      return connection.close(1000, "HeartbeatAckMissing: Reconnect to continue");
    }
    this.#timer = setTimeout(() => this.#beat(nextDelayMs()), delayMs);
    this.#unanswered.add(send());
  }
}
