/**
 * Communication between the load generator and its parent process: one JSON value per line.
 *
 * @module
 */

import process from "node:process";
import { createInterface } from "node:readline";

const input = createInterface({ input: process.stdin });
// The parent process has exited.
input.on("close", () => process.exit());

/** Reports a value to the parent process. */
export function report(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

/** Reports that there is no result. */
export function reportError(error: string): void {
  report({ error });
}

/** Waits for the parent process to continue the scenario. */
export function goAhead(): Promise<void> {
  return new Promise((resolve) => input.once("line", () => resolve()));
}

/** The lines that the parent process writes. */
export function lines(): AsyncIterable<string> {
  return input;
}
