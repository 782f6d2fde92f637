/**
 * The output of the scripts.
 *
 * @module
 */

import process from "node:process";

/** Prints one line. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** A number of bytes as text, such as `1,234 bytes`. */
export function inBytes(count: number): string {
  return `${count.toLocaleString("en-US")} bytes`;
}
