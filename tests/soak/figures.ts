/**
 * Measures the resources of a process, on both runtimes.
 *
 * @module
 */

import { readdirSync, readlinkSync } from "node:fs";
import process from "node:process";
import type { Figures } from "./report.ts";

/** Objects that should be garbage-collected after use. */
export class Collected {
  readonly #registry = new FinalizationRegistry(() => void (this.#alive -= 1));
  #alive = 0;

  /** The number of objects that have not been collected. */
  get alive(): number {
    return this.#alive;
  }

  /** Adds an object. */
  watch(object: WeakKey): void {
    this.#alive += 1;
    this.#registry.register(object, undefined);
  }
}

/** What the soak itself counts. */
export interface OwnCounts {
  /** Listeners on the signal that all sessions share. */
  readonly signalListeners: number;
  /** The tracked sessions. */
  readonly sessions: Collected;
  /** Their connections. */
  readonly connections: Collected;
}

/** Collects garbage, and measures. */
export async function measure(own: () => OwnCounts): Promise<Figures> {
  // Objects freed by a collection may keep others alive until the event loop has turned.
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

/** Counted by the operating system, so that nothing internal to the runtimes is missed. */
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
