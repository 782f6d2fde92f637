/**
 * What the agent prints.
 *
 * @module
 */

import process from "node:process";

/** Prints a line. */
export function log(line: string): void {
  process.stdout.write(`${line}\n`);
}
