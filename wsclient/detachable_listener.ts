/**
 * A listener that a transport may keep indefinitely.
 *
 * @module
 */

import type { TransportListener } from "./transport.ts";

/** A listener for a transport, and the way to detach it. */
export interface DetachableListener {
  /** The listener for the transport. */
  readonly listener: TransportListener;
  /** From now on, the transport reaches nothing through it. */
  detach(): void;
}

/**
 * Makes a listener detachable. A socket may outlive its connection, on Deno for as long as the peer
 * keeps TCP open, and a transport may keep its listener for as long: the session's data must not be
 * reachable through it.
 *
 * @param target Called until the listener is detached.
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
