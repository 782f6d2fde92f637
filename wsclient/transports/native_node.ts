/**
 * What the native transport does only on Node.
 *
 * @module
 */

import type { NativeRuntime } from "./native_runtime.ts";

/** Node's WebSocket. */
export const nodeRuntime: NativeRuntime = {
  open() {
    throw new Error("the native transport is not there yet on Node");
  },
};
