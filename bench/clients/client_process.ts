/**
 * The common part of all client processes: opens connections, and reports memory usage when asked by
 * a line on standard input.
 *
 * @module
 */

import { once } from "node:events";
import process from "node:process";
import { createInterface } from "node:readline";

/** The arguments of a client process, passed as JSON. */
export interface ClientArguments {
  /** The load generator's URL, such as `http://127.0.0.1:8080`. */
  readonly url: string;
  /** The number of connections to open. */
  readonly connections: number;
  /**
   * The payload handler's time in ms; 0 for an async handler that does not wait. Missing for a
   * synchronous handler.
   */
  readonly handlerMs?: number;
  /** Limits of a session; missing ones have their defaults. */
  readonly limits?: { readonly maxLaneMessages?: number };
}

/** The memory usage that a client process reports. */
export interface ClientUsage {
  /** Resident memory after a garbage collection, in bytes. */
  readonly residentBytes: number;
  /** The part of it that is objects on the heap, in bytes. */
  readonly heapBytes: number;
}

/** V8's most thorough garbage collection. */
const LAST_RESORT = { type: "major", execution: "sync", flavor: "last-resort" };

/** Connections being opened at a time. */
const OPENING_AT_ONCE = 50;

/**
 * Opens the connections. If there are several, reports the memory usage with the first one, then
 * opens the others after a line on standard input. Each further line asks for another report.
 */
export async function startClient(
  open: (options: ClientArguments) => Promise<void>,
): Promise<void> {
  const options: ClientArguments = JSON.parse(process.argv[2] ?? "");
  const input = createInterface({ input: process.stdin });
  // The parent process has exited.
  input.on("close", () => process.exit());
  await open(options);
  if (options.connections > 1) {
    await reportUsage();
    await once(input, "line");
  }
  input.on("line", () => void reportUsage());
  let opened = 1;
  const openNext = async () => {
    while (opened < options.connections) {
      opened += 1;
      await open(options);
    }
  };
  await Promise.all(Array.from({ length: OPENING_AT_ONCE }, openNext));
}

async function reportUsage(): Promise<void> {
  for (let round = 0; round < 3; round++) {
    // V8's flag --expose-gc adds it to both runtimes.
    const collectGarbage: unknown = Reflect.get(globalThis, "gc");
    // This one returns free pages to the system immediately instead of after minutes.
    if (typeof collectGarbage === "function") collectGarbage(LAST_RESORT);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const { rss, heapUsed } = process.memoryUsage();
  const usage: ClientUsage = { residentBytes: rss, heapBytes: heapUsed };
  process.stdout.write(`${JSON.stringify(usage)}\n`);
}
