/**
 * The reasons in close frames.
 *
 * @module
 */

/**
 * The close frame's reason on a connection that has reached its maximum lifetime. The service sends
 * it, and so does the reference agent when it closes such a connection itself.
 */
export const CONNECTION_EXPIRED = "ConnectionExpired: Reconnect to continue";

/** How the close frame's reason begins when the same container instance has connected again. */
export const CONNECTION_REPLACED = "ConnectionReplaced";
