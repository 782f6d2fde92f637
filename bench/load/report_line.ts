/**
 * How the load generator and its starter talk: a JSON value a line.
 *
 * @module
 */

import process from "node:process";
import { createInterface } from "node:readline";

const input = createInterface({ input: process.stdin });
// Whoever started this has gone.
input.on("close", () => process.exit());

/** Tells the starter. */
export function report(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

/** Tells the starter that there is no result. */
export function reportError(error: string): void {
  report({ error });
}

/** Waits until the starter says to go on. */
export function goAhead(): Promise<void> {
  return new Promise((resolve) => input.once("line", () => resolve()));
}

/** Every line that the starter says. */
export function lines(): AsyncIterable<string> {
  return input;
}
