/**
 * Measures what a process takes of the machine, on both runtimes.
 *
 * @module
 */

import { readdirSync, readlinkSync } from "node:fs";
import process from "node:process";
import type { Figures } from "./report.ts";

/** Objects that are to be collected once they are done with. */
export class Collected {
  readonly #registry = new FinalizationRegistry(() => void (this.#alive -= 1));
  #alive = 0;

  /** How many have not been collected. */
  get alive(): number {
    return this.#alive;
  }

  /** Counts one more. */
  watch(object: WeakKey): void {
    this.#alive += 1;
    this.#registry.register(object, undefined);
  }
}

/** What the soak itself counts. */
export interface OwnCounts {
  /** Listeners to the signal that all sessions share. */
  readonly signalListeners: number;
  /** The sessions. */
  readonly sessions: Collected;
  /** Their connections. */
  readonly connections: Collected;
}

/** Collects garbage, and measures. */
export async function measure(own: () => OwnCounts): Promise<Figures> {
  // What a collection has freed may hold on to more until the event loop has turned.
  for (let round = 0; round < 4; round++) {
    collectGarbage();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const { heapUsed, rss } = process.memoryUsage();
  const resources = process.getActiveResourcesInfo();
  const timers = resources.filter((name) => name === "Timeout" || name === "Immediate").length;
  const { signalListeners, sessions, connections } = own();
  return {
    heapBytes: heapUsed,
    rssBytes: rss,
    sockets: openSockets(),
    timers,
    otherResources: resources.length - timers,
    listeners: signalListeners + processListeners(),
    sessions: sessions.alive,
    connections: connections.alive,
  };
}

function collectGarbage(): void {
  const gc: unknown = Reflect.get(globalThis, "gc");
  if (typeof gc !== "function") throw new Error("Start the process with --expose-gc");
  gc();
}

/** Counted by the system, so that nothing the runtimes keep to themselves is left out. */
function openSockets(): number | undefined {
  if (process.platform !== "linux") return undefined;
  const folder = "/proc/self/fd";
  return readdirSync(folder).filter((name) => isSocket(`${folder}/${name}`)).length;
}

function isSocket(path: string): boolean {
  try {
    return readlinkSync(path).startsWith("socket:");
  } catch {
    // It was the folder itself, which is closed by now.
    return false;
  }
}

function processListeners(): number {
  return process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0);
}
