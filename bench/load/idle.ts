/**
 * Keeps many connections that carry only heartbeats.
 *
 * @module
 */

import type { LoadConnection } from "./load_server.ts";
import { encodeMessages } from "./messages.ts";
import { goAhead, report, reportError } from "./report_line.ts";

/** Idle connections. */
export interface IdleScenario {
  /** The scenario's name. */
  readonly name: "idle";
  /** The number of connections to wait for. */
  readonly connections: number;
}

/** The result of one heartbeat on each connection. */
export interface IdleResult {
  /** The number of answers. */
  readonly answered: number;
  /** Time from the first byte written to the last answer counted, in seconds. */
  readonly seconds: number;
}

/** Encodes the frame, and returns what to do with each connection. */
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
    connection.onEnd = () => reportError("An idle connection ended");
    connection.onText = () => {
      answers += 1;
      if (answers === scenario.connections) onAllAnswered();
    };
    // The measured heartbeat is the second one: the first one has warmed the session up.
    connection.write(heartbeat);
  };
}
