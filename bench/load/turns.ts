/**
 * Takes turns with several connections, so that what is compared is measured within moments.
 *
 * @module
 */

import type { LoadConnection } from "./load_server.ts";
import { lines, report, reportError } from "./report_line.ts";

/**
 * Tells of each connection as it comes. Then each line of standard input has the index of one, and
 * what the turn with it found is told before the next is taken.
 *
 * @param turn Takes one turn.
 */
export function takeTurns(
  turn: (connection: LoadConnection) => Promise<unknown>,
): (connection: LoadConnection) => void {
  const connections: LoadConnection[] = [];
  void takeAll(connections, turn);
  return (connection) => {
    connection.onEnd = () => reportError("A connection has ended that was to answer");
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
