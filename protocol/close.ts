/**
 * The words of a close frame.
 *
 * @module
 */

/**
 * The close frame's reason on a connection that has reached its maximum age. The service sends it,
 * and the reference agent when it closes such a connection itself.
 */
export const CONNECTION_EXPIRED = "ConnectionExpired: Reconnect to continue";
