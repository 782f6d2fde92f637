/**
 * How much a session holds at most of what its peer and its handlers give it.
 *
 * @module
 */

import type { WsClientBounds } from "../wsclient/client.ts";

/**
 * How much a session holds at most. docs/reliability.md lists what happens at each limit.
 */
export interface SessionLimits extends WsClientBounds {
  /**
   * How much work may go on in the background, such as waiting for network interfaces. An attachment
   * that would exceed it is not acknowledged, so that the service sends it again. Default 1000, ours:
   * an instance has some hundred network interfaces at most.
   */
  readonly maxBackgroundWork: number;
  /**
   * How much memory all that the session holds of what the service has sent may take, in bytes: frames
   * that wait to be parsed, the one that is being parsed, messages in all lanes, work in the background
   * and, unless a `credentialsManager` is given, credentials. Estimated, and never too low; each part
   * has a share, see docs/reliability.md. Must be 20 times `maxFrameSize` at least. Default 128 MiB,
   * ours: half of a small heap, and room for some hundred payloads of 50 KB that wait.
   */
  readonly maxHeldBytes: number;
}

const MIB = 1024 * 1024;

/** The defaults of {@linkcode SessionLimits}. */
export const DEFAULT_LIMITS: SessionLimits = {
  maxFrameSize: 4 * MIB,
  maxSendBufferSize: 16 * MIB,
  maxBackgroundWork: 1000,
  maxHeldBytes: 128 * MIB,
};

/**
 * What a session holds, and how many parts of `limits.maxHeldBytes` each may take. Each has a share of its
 * own, so that one that is full keeps no other from going on, and so that whatever fits into a share
 * gets through once that is empty.
 */
const SHARES = {
  /** Frames that wait to be parsed. */
  frames: 3,
  /** The frame that is being parsed. */
  parsing: 4,
  /** The lanes. */
  payload: 5,
  credentials: 1,
  attachments: 1,
  updates: 1,
  other: 1,
  /** Credentials messages that wait for the payload of their task. */
  heldCredentials: 1,
  /** Work in the background. */
  background: 1,
  /** The credentials of tasks, in the session's own store. */
  storedCredentials: 2,
} as const;

/** A part of what a session holds. */
export type HeldPart = keyof typeof SHARES;

const PARTS = Object.values(SHARES).reduce((sum, share) => sum + share, 0);

/** How much memory a part may take, in bytes. */
export function shareOf(
  part: HeldPart,
  { maxHeldBytes }: Pick<SessionLimits, "maxHeldBytes">,
): number {
  return Math.floor(maxHeldBytes * SHARES[part] / PARTS);
}

/**
 * What a frame takes at least while it is parsed, in bytes for each character: two for its text, two
 * for one string that is all of it.
 */
const MIN_PARSING_BYTES = 4;

/** The largest `limits.maxFrameSize` that a `limits.maxHeldBytes` admits. */
export function maxFrameSizeFor(limits: Pick<SessionLimits, "maxHeldBytes">): number {
  return Math.floor(shareOf("parsing", limits) / MIN_PARSING_BYTES);
}
