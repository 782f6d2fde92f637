/**
 * How a connection of a session ends.
 *
 * @module
 */

import type { ConnectionEnd } from "../wsclient/connection_end.ts";

/** How a connection of a session ended. */
export type SessionConnectionEnd =
  | ConnectionEnd
  /** The machine was suspended; the connection may have broken in the meantime. */
  | { readonly kind: "suspended" }
  /** A lane has rejected messages, and has now handled those that it held. */
  | { readonly kind: "lane-overflow"; readonly lane: string };
