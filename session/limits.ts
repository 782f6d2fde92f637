/**
 * Limits on what a session holds.
 *
 * @module
 */

import type { ConnectionLimits } from "../wsclient/connection_options.ts";
import type { LaneLimits } from "./dispatch/lane.ts";

/** Limits on what a session holds. docs/reliability.md lists what happens at each limit. */
export interface SessionLimits extends ConnectionLimits {
  /**
   * Maximum number of messages in one lane, queued or being handled. Default 1000, not in the
   * reference: the service sends a few per second at most.
   */
  readonly maxLaneMessages: number;
  /**
   * Maximum size of the frames in one lane, in characters. Default 64 Mi, not in the reference; the
   * memory of the messages, see `maxHeldBytes`, usually reaches its limit first.
   */
  readonly maxLaneSize: number;
  /**
   * Maximum number of handlers that run in the background, such as those that wait for network
   * interfaces. An attachment beyond it is not acknowledged, so that the service resends it. Default
   * 1000, not in the reference: an instance has a few hundred network interfaces at most.
   */
  readonly maxBackgroundWork: number;
  /**
   * Maximum memory for everything from the service that the session holds, in bytes: frames waiting
   * to be parsed, the frame being parsed, messages in all lanes, background work and, unless a
   * `credentialsManager` is given, credentials. The estimate is never too low, and each part gets a
   * fixed share: see docs/reliability.md. Must be at least 20 times `maxFrameSize`. Default 128
   * MiB, not in the reference: half of a small heap, with room for hundreds of queued payloads of
   * 50 KB.
   */
  readonly maxHeldBytes: number;
}

const MIB = 1024 * 1024;

/** The defaults of {@linkcode SessionLimits}. */
export const DEFAULT_LIMITS: SessionLimits = {
  maxFrameSize: 4 * MIB,
  maxSendBufferSize: 16 * MIB,
  maxLaneMessages: 1000,
  maxLaneSize: 64 * MIB,
  maxBackgroundWork: 1000,
  maxHeldBytes: 128 * MIB,
};

/**
 * The kinds of memory that a session holds, and how many parts of `limits.maxHeldBytes` each may
 * use. Each has its own share, so that a full one does not block the others, and so that everything
 * that fits into a share gets through once that is empty.
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
  /** Background work. */
  background: 1,
  /** The credentials of tasks, in the session's own store. */
  storedCredentials: 2,
} as const;

/** A part of what a session holds. */
export type HeldPart = keyof typeof SHARES;

const PARTS = Object.values(SHARES).reduce((sum, share) => sum + share, 0);

/** The limits of one lane, or of another queue that has its own share. */
export function laneLimitsOf(part: HeldPart, limits: SessionLimits): LaneLimits {
  return {
    maxMessages: limits.maxLaneMessages,
    maxSize: limits.maxLaneSize,
    maxBytes: shareOf(part, limits),
  };
}

/** How much memory a part may use, in bytes. */
export function shareOf(
  part: HeldPart,
  { maxHeldBytes }: Pick<SessionLimits, "maxHeldBytes">,
): number {
  return Math.floor(maxHeldBytes * SHARES[part] / PARTS);
}

/**
 * The minimum that a frame occupies while it is parsed, in bytes per character: two for its text,
 * and two for a string that contains the whole text.
 */
const MIN_PARSING_BYTES = 4;

/** The largest `limits.maxFrameSize` that a `limits.maxHeldBytes` allows. */
export function maxFrameSizeFor(limits: Pick<SessionLimits, "maxHeldBytes">): number {
  return Math.floor(shareOf("parsing", limits) / MIN_PARSING_BYTES);
}
