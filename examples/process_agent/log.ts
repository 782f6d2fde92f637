/**
 * The output of the agent.
 *
 * @module
 */

import process from "node:process";

/** Prints a line. */
export function log(line: string): void {
  process.stdout.write(`${line}\n`);
}
