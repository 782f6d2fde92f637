/**
 * Sends a heartbeat on each connection at once, and another after each interval.
 *
 * @module
 */

import type { LoadConnection } from "./load_server.ts";
import { encodeMessages } from "./messages.ts";
import { report, reportError } from "./report_line.ts";

/** Connections with a heartbeat now and then, like the service's. */
export interface HeartbeatsScenario {
  /** Which scenario. */
  readonly name: "heartbeats";
  /** The time from one heartbeat to the next, in ms. */
  readonly intervalMs: number;
}

/** Reports the first answer on each connection, and returns what to do with it. */
export function startHeartbeats(
  { intervalMs }: HeartbeatsScenario,
): (connection: LoadConnection) => void {
  const heartbeat = encodeMessages("heartbeat", [1]);
  return (connection) => {
    connection.onEnd = () => reportError("A connection with heartbeats ended");
    connection.onText = () => {
      connection.onText = () => {};
      report("answered");
    };
    connection.write(heartbeat);
    setInterval(() => connection.write(heartbeat), intervalMs);
  };
}
