/**
 * Takes turns between several connections, so that compared clients are measured shortly after one
 * another.
 *
 * @module
 */

import type { LoadConnection } from "./load_server.ts";
import { lines, report, reportError } from "./report_line.ts";

/**
 * Reports each new connection. Then each line of standard input is the index of a connection: its
 * turn is run and the result reported before the next line is read.
 *
 * @param turn Runs one turn.
 */
export function takeTurns(
  turn: (connection: LoadConnection) => Promise<unknown>,
): (connection: LoadConnection) => void {
  const connections: LoadConnection[] = [];
  void takeAll(connections, turn);
  return (connection) => {
    connection.onEnd = () => reportError("A connection ended before its answer");
    connections.push(connection);
    report("connected");
  };
}

async function takeAll(
  connections: readonly LoadConnection[],
  turn: (connection: LoadConnection) => Promise<unknown>,
): Promise<void> {
  for await (const line of lines()) {
    const connection = connections[Number(line)];
    if (connection === undefined) reportError(`There is no connection ${line}`);
    else report(await turn(connection));
  }
}
