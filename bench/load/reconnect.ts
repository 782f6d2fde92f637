/**
 * Closes one connection after the other cleanly and measures the time until the next upgrade
 * request.
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
  /** The number of sessions, each with one connection. */
  readonly connections: number;
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

/**
 * The minimum age of a connection that is closed, in ms. After the second connection in a row that
 * lasted less than 5 s, a session does not reconnect immediately (`timing.minUsefulConnectionMs`).
 */
const MIN_AGE_MS = 5_200;

/** Encodes the frame, and returns what to do with each connection. */
export function startReconnects(
  { connections, count, warmUp }: ReconnectScenario,
): (connection: LoadConnection) => void {
  const heartbeat = encodeMessages("heartbeat", [1]);
  const open: LoadConnection[] = [];
  const milliseconds: number[] = [];
  let closedAt: number | undefined;

  const closeOldest = () => {
    const oldest = open.shift();
    if (oldest === undefined) return;
    setTimeout(() => {
      closedAt = performance.now();
      oldest.close(1000);
    }, Math.max(0, oldest.requestedAt + MIN_AGE_MS - performance.now()));
  };

  return (connection) => {
    if (closedAt !== undefined) milliseconds.push(connection.requestedAt - closedAt);
    if (milliseconds.length === warmUp + count) {
      const result: ReconnectResult = { milliseconds: milliseconds.slice(warmUp) };
      return report(result);
    }
    open.push(connection);
    connection.onText = () => {
      // With its first answer the session is connected.
      connection.onText = () => {};
      if (open.length === connections) closeOldest();
    };
    connection.write(heartbeat);
  };
}
