/**
 * How a connection ends.
 *
 * @module
 */

import type { TransportEnd } from "./transport.ts";

/** How an open connection ended: the peer, the network or the client itself ended it. */
export type ConnectionEnd =
  | TransportEnd
  /** Nothing was received for the idle timeout. */
  | { readonly kind: "idle" }
  /** The peer accepted no data for the write timeout. */
  | { readonly kind: "write-stalled" }
  /** The connection reached its maximum lifetime; the service expects an immediate reconnect. */
  | { readonly kind: "expired" }
  /** The client closed the connection, for the given reason. */
  | { readonly kind: "closed"; readonly reason: string };
