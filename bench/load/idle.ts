/**
 * Holds many connections on which nothing happens but heartbeats.
 *
 * @module
 */

import type { LoadConnection } from "./load_server.ts";
import { encodeMessages } from "./messages.ts";
import { goAhead, report, reportError } from "./report_line.ts";

/** Connections that are idle. */
export interface IdleScenario {
  /** Which scenario. */
  readonly name: "idle";
  /** How many to wait for. */
  readonly connections: number;
}

/** What one heartbeat for each of them took. */
export interface IdleResult {
  /** How many have answered. */
  readonly answered: number;
  /** From the first byte written until the last answer was counted, in seconds. */
  readonly seconds: number;
}

/** Prepares the frame. */
export function startIdle(scenario: IdleScenario): (connection: LoadConnection) => void {
  const heartbeat = encodeMessages("heartbeat", [1]);
  const connections: LoadConnection[] = [];
  let answers = 0;
  let onAllAnswered: () => void = () => {};

  const beatAll = async () => {
    report("connected");
    await goAhead();
    answers = 0;
    const startedAt = performance.now();
    onAllAnswered = () => {
      const seconds = (performance.now() - startedAt) / 1000;
      const result: IdleResult = { answered: answers, seconds };
      report(result);
    };
    for (const connection of connections) connection.write(heartbeat);
  };
  onAllAnswered = () => void beatAll();

  return (connection) => {
    connections.push(connection);
    connection.onEnd = () => reportError("A connection has ended that was to be idle");
    connection.onText = () => {
      answers += 1;
      if (answers === scenario.connections) onAllAnswered();
    };
    // So that the second heartbeat finds everything as it is in a session that has lived.
    connection.write(heartbeat);
  };
}
