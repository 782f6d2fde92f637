/**
 * How much a session holds at most of what its peer and its handlers give it, beside its lanes.
 *
 * @module
 */

import type { WsClientBounds } from "../wsclient/client.ts";

/**
 * How much a session holds at most, beside its lanes. docs/reliability.md lists what happens at each
 * limit.
 */
export interface SessionLimits extends WsClientBounds {
  /**
   * How much work may go on in the background, such as waiting for network interfaces. An attachment
   * that would exceed it is not acknowledged, so that the service sends it again. Default 1000, ours:
   * an instance has some hundred network interfaces at most.
   */
  readonly maxBackgroundWork: number;
}

/** The defaults of {@linkcode SessionLimits}. */
export const DEFAULT_LIMITS: SessionLimits = {
  maxFrameSize: 16 * 1024 * 1024,
  maxSendBufferSize: 16 * 1024 * 1024,
  maxBackgroundWork: 1000,
};
