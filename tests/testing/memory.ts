/**
 * How much memory is in use once garbage has been collected, on both runtimes.
 *
 * @module
 */

import process from "node:process";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { turns } from "./fake_time.ts";

setFlagsFromString("--expose-gc");
const collect: () => void = runInNewContext("gc");

/** What is in use by JavaScript, its buffers included, in bytes; after collecting garbage. */
export async function memoryInUse(): Promise<number> {
  // What waits for a turn, such as the end of a promise, holds memory until then.
  for (let round = 0; round < 3; round++) {
    await turns(5);
    collect();
  }
  return memoryInUseNow();
}

/** The same without a turn of the event loop, for what happens in one. */
export function memoryInUseNow(): number {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/**
 * Collects garbage until an object has gone, or some rounds have not made it go.
 *
 * @param object Held weakly by the test, too: a variable that lives on would keep it.
 * @returns Whether it has gone.
 */
export async function isCollected(object: WeakRef<WeakKey>): Promise<boolean> {
  for (let round = 0; round < 20; round++) {
    await turns(5);
    collect();
    await turns(1);
    if (object.deref() === undefined) return true;
  }
  return false;
}
