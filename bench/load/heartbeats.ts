/**
 * Sends a heartbeat on each connection immediately, and then one per interval.
 *
 * @module
 */

import type { LoadConnection } from "./load_server.ts";
import { encodeMessages } from "./messages.ts";
import { report, reportError } from "./report_line.ts";

/** Connections with occasional heartbeats, like the service's. */
export interface HeartbeatsScenario {
  /** The scenario's name. */
  readonly name: "heartbeats";
  /** The interval between heartbeats, in ms. */
  readonly intervalMs: number;
}

/** Returns a function that sends heartbeats on a connection and reports its first answer. */
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
