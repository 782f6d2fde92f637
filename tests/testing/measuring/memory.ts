/**
 * Measures the memory in use after garbage collection, on both runtimes.
 *
 * @module
 */

import process from "node:process";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { turns } from "../fakes/fake_time.ts";

setFlagsFromString("--expose-gc");
const collect: () => void = runInNewContext("gc");

/** The memory used by JavaScript, including its buffers, after garbage collection, in bytes. */
export async function memoryInUse(): Promise<number> {
  // Work that waits for a turn, such as the end of a promise, holds memory until then.
  for (let round = 0; round < 3; round++) {
    await turns(5);
    collect();
  }
  return memoryInUseNow();
}

/** The same without a turn of the event loop, for measurements within one. */
export function memoryInUseNow(): number {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/**
 * Collects garbage until an object is gone, or gives up after some rounds.
 *
 * @param object Held weakly by the test, too: a variable that stays alive would keep it.
 * @returns Whether it is gone.
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
