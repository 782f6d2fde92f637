/**
 * Closes each connection in order, and takes the time until the next is asked for.
 *
 * @module
 */

import type { LoadConnection } from "./load_server.ts";
import { encodeMessages } from "./messages.ts";
import { report } from "./report_line.ts";

/** Clean closes, one after the other. */
export interface ReconnectScenario {
  /** Which scenario. */
  readonly name: "reconnect";
  /** How many to time. */
  readonly count: number;
  /** How many before that. */
  readonly warmUp: number;
}

/** What they took. */
export interface ReconnectResult {
  /** From writing the close frame until the next upgrade request was read, each, in ms. */
  readonly milliseconds: readonly number[];
}

/** Prepares the frame. */
export function startReconnects(
  { count, warmUp }: ReconnectScenario,
): (connection: LoadConnection) => void {
  const heartbeat = encodeMessages("heartbeat", [1]);
  const milliseconds: number[] = [];
  let closedAt: number | undefined;
  return (connection) => {
    if (closedAt !== undefined) milliseconds.push(connection.askedAt - closedAt);
    if (milliseconds.length === warmUp + count) {
      const result: ReconnectResult = { milliseconds: milliseconds.slice(warmUp) };
      return report(result);
    }
    // A connection that brings nothing is of no use, and the second such one is followed by a delay.
    connection.onText = () => {
      closedAt = performance.now();
      connection.close(1000);
    };
    connection.write(heartbeat);
  };
}
