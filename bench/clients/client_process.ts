/**
 * What every client process has in common: opens its connections, and tells how much memory it uses
 * when a line of standard input asks for it.
 *
 * @module
 */

import { once } from "node:events";
import process from "node:process";
import { createInterface } from "node:readline";

/** What a client process is started with, as JSON. */
export interface ClientArguments {
  /** Where the load generator listens, such as `http://127.0.0.1:8080`. */
  readonly url: string;
  /** How many connections to open. */
  readonly connections: number;
  /**
   * How long the handler of a payload takes, in ms; 0 for an async one that waits for nothing. Missing
   * for one that is done when it returns.
   */
  readonly handlerMs?: number;
  /** How much may wait in a lane of a session; the defaults for what is missing. */
  readonly laneLimits?: { readonly maxMessages?: number; readonly maxSize?: number };
}

/** What a client process tells of itself. */
export interface ClientUsage {
  /** The resident memory after garbage has been collected, in bytes. */
  readonly residentBytes: number;
  /** What of it is objects on the heap, in bytes. */
  readonly heapBytes: number;
}

/** The most thorough garbage collection that V8 has. */
const LAST_RESORT = { type: "major", execution: "sync", flavor: "last-resort" };

/** So many are being opened at a time. */
const OPENING_AT_ONCE = 50;

/**
 * Opens the connections. Where there is more than one, tells what is used with the first, and opens
 * the others when a line of standard input says so; each later line has it tell again.
 */
export async function startClient(
  open: (options: ClientArguments) => Promise<void>,
): Promise<void> {
  const options: ClientArguments = JSON.parse(process.argv[2] ?? "");
  const input = createInterface({ input: process.stdin });
  // Whoever started this has gone.
  input.on("close", () => process.exit());
  await open(options);
  if (options.connections > 1) {
    await tellUsage();
    await once(input, "line");
  }
  input.on("line", () => void tellUsage());
  let opened = 1;
  const openNext = async () => {
    while (opened < options.connections) {
      opened += 1;
      await open(options);
    }
  };
  await Promise.all(Array.from({ length: OPENING_AT_ONCE }, openNext));
}

async function tellUsage(): Promise<void> {
  for (let round = 0; round < 3; round++) {
    // Both runtimes have it by V8's flag --expose-gc.
    const collectGarbage: unknown = Reflect.get(globalThis, "gc");
    // The last resort gives free pages back to the system, which would otherwise take minutes.
    if (typeof collectGarbage === "function") collectGarbage(LAST_RESORT);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const { rss, heapUsed } = process.memoryUsage();
  const usage: ClientUsage = { residentBytes: rss, heapBytes: heapUsed };
  process.stdout.write(`${JSON.stringify(usage)}\n`);
}
