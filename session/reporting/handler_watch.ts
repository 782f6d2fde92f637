/**
 * Counts the failures of the agent's handlers.
 *
 * @module
 */

/** A handler that has been failing. */
export interface FailingHandler {
  /** The type of the messages that it handles. */
  readonly type: string;
  /** How many times in a row it has failed. */
  readonly failuresInARow: number;
  /** When the first of these failures happened, in ms since the epoch. */
  readonly since: number;
}

/** Watches the handlers of one session. */
export class HandlerWatch {
  /** Created on the first failure, since most sessions have none. */
  #failing: Map<string, FailingHandler> | undefined;

  /** The handlers whose last call failed. */
  get failing(): FailingHandler[] {
    return [...this.#failing?.values() ?? []];
  }

  /**
   * Counts one call.
   *
   * @param type The type of the message.
   * @param outcome How it ended; an invalid message says nothing about its handler.
   */
  record(type: string, outcome: "success" | "invalid" | "failed"): void {
    if (outcome === "success") this.#failing?.delete(type);
    if (outcome !== "failed") return;
    this.#failing ??= new Map();
    const { failuresInARow = 0, since = Date.now() } = this.#failing.get(type) ?? {};
    this.#failing.set(type, { type, failuresInARow: failuresInARow + 1, since });
  }
}
