/**
 * Every time constant of a session.
 *
 * @module
 */

import type { ConnectionTiming } from "../wsclient/client.ts";
import { MAX_CLOCK_SKEW_MS } from "../wsclient/signing/clock_skew.ts";

/** Every time constant of a session, all in ms. What says no number of its own is the reference's. */
export interface SessionTiming extends ConnectionTiming {
  /** Longest time for one DiscoverPollEndpoint. Default 126 s: 3 × (30 s dial + 10 s TLS + 2 s). */
  readonly discoverTimeoutMs: number;
  /** How long a discovered endpoint is good. Default 12 h. */
  readonly endpointCacheTtlMs: number;
  /** The first backoff delay. Default 250 ms. */
  readonly backoffMinMs: number;
  /** The longest backoff delay, before up to 20 % are added at random. Default 2 min. */
  readonly backoffMaxMs: number;
  /** A connection that lived this long has the backoff start over. Default 60 s. */
  readonly backoffResetMs: number;
  /** The random part on top. Default 60 s. */
  readonly backoffResetJitterMs: number;
  /** Delay after the service has called the container instance inactive. Default 1 h. */
  readonly inactiveInstanceReconnectDelayMs: number;
  /**
   * A connection that lived shorter than this counts as too short, whatever it brought: from the
   * second in a row on the session backs off even if they end in order, and after each three in a
   * row it asks ECS again. Default 5 s, ours.
   */
  readonly minUsefulConnectionMs: number;
  /**
   * How long the session may take to reconnect after an orderly end before it is not ready any more.
   * Default 5 s, ours.
   */
  readonly reconnectGraceMs: number;
  /** How long something must fail before it is reported, and between reports. Default 1 min. */
  readonly failureReportIntervalMs: number;
  /** How long handlers may take to finish when the session stops. Default 5 s, ours. */
  readonly drainTimeoutMs: number;
  /** How long a stop waits for the peer to answer the close frame. Default 1 s, ours. */
  readonly closeTimeoutMs: number;
  /** How long one handler may hold a lane before the session is unhealthy. Default 1 min, ours. */
  readonly laneStuckMs: number;
  /**
   * How long a handler of an update may take before the session is unhealthy. Default 20 min, ours:
   * the reference gives up on a download after 15 min.
   */
  readonly updateStuckMs: number;
  /**
   * How long a message may wait in its lane before the session is unhealthy. Default 1 min, ours: as
   * long as one handler may take; whatever waits behind an update may wait for `updateStuckMs`.
   */
  readonly laneBacklogMs: number;
  /**
   * A wall clock that gains this much on the monotonic one means that the machine was suspended: the
   * session ends whatever it waits for and connects again at once. Compared six times as often. Default 30 s, ours: half the shortest silence after which a peer counts as gone.
   */
  readonly minSuspensionMs: number;
  /**
   * The largest clock skew that signatures are corrected by; a larger one is only reported. A
   * machine whose clock starts at 1970 needs more than the default, and 0 corrects nothing. Default
   * 24 h, ours.
   */
  readonly maxClockSkewMs: number;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** The default of every time constant, in ms. */
export const DEFAULT_TIMING: SessionTiming = {
  connectTimeoutMs: 30 * SECOND,
  credentialsTimeoutMs: 30 * SECOND,
  idleTimeoutMs: MINUTE,
  idleJitterMs: MINUTE,
  writeTimeoutMs: 3 * MINUTE,
  connectionLifetimeMs: 30 * MINUTE,
  connectionLifetimeJitterMs: 5 * MINUTE,
  discoverTimeoutMs: 3 * (30 + 10 + 2) * SECOND,
  endpointCacheTtlMs: 12 * HOUR,
  backoffMinMs: 250,
  backoffMaxMs: 2 * MINUTE,
  backoffResetMs: MINUTE,
  backoffResetJitterMs: MINUTE,
  inactiveInstanceReconnectDelayMs: HOUR,
  minUsefulConnectionMs: 5 * SECOND,
  reconnectGraceMs: 5 * SECOND,
  failureReportIntervalMs: MINUTE,
  drainTimeoutMs: 5 * SECOND,
  closeTimeoutMs: SECOND,
  laneStuckMs: MINUTE,
  laneBacklogMs: MINUTE,
  updateStuckMs: 20 * MINUTE,
  minSuspensionMs: 30 * SECOND,
  maxClockSkewMs: MAX_CLOCK_SKEW_MS,
};
