/**
 * Closes each connection cleanly and measures the time until the next upgrade request.
 *
 * @module
 */

import type { LoadConnection } from "./load_server.ts";
import { encodeMessages } from "./messages.ts";
import { report } from "./report_line.ts";

/** A series of clean closes. */
export interface ReconnectScenario {
  /** The scenario's name. */
  readonly name: "reconnect";
  /** The number of measured closes. */
  readonly count: number;
  /** The number of closes before those. */
  readonly warmUp: number;
}

/** The result. */
export interface ReconnectResult {
  /**
   * For each reconnect, the time from writing the close frame to reading the next upgrade request,
   * in ms.
   */
  readonly milliseconds: readonly number[];
}

/** Encodes the frame, and returns what to do with each connection. */
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
    // A connection that delivers nothing is useless, and a second one in a row causes a delay.
    connection.onText = () => {
      closedAt = performance.now();
      connection.close(1000);
    };
    connection.write(heartbeat);
  };
}
