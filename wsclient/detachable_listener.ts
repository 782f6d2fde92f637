/**
 * A listener that a transport may keep for good.
 *
 * @module
 */

import type { TransportListener } from "./transport.ts";

/** What a transport is given, and the way to detach it. */
export interface DetachableListener {
  /** To be given to the transport. */
  readonly listener: TransportListener;
  /** From now on the transport reaches nothing by it. */
  detach(): void;
}

/**
 * Makes a listener detachable. A socket may live long after its connection was left, on Deno for as
 * long as its peer keeps TCP open, and a transport may keep its listener for as long: everything that
 * the session holds must not hang on that.
 *
 * @param target Is called until the listener is detached.
 */
export function detachable(target: TransportListener): DetachableListener {
  let attached: TransportListener | undefined = target;
  return {
    listener: {
      message: (data) => attached?.message(data),
      activity: (activity) => attached?.activity?.(activity),
      end: (end) => attached?.end(end),
    },
    detach() {
      attached = undefined;
    },
  };
}
