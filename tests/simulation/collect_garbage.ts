/**
 * Collects garbage, so that a simulation can measure its live memory.
 *
 * @module
 */

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

// Both runtimes have V8's garbage collector.
setFlagsFromString("--expose-gc");

/** Collects all garbage of this process. */
export const collectGarbage: () => void = runInNewContext("gc");
