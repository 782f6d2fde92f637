/**
 * Every time constant of a session.
 *
 * @module
 */

import type { ConnectionTiming } from "../wsclient/connection_options.ts";
import { MAX_CLOCK_SKEW_MS } from "../wsclient/signing/clock_skew.ts";

/**
 * Every time constant of a session, all in ms. Defaults are the reference agent's unless marked
 * otherwise.
 */
export interface SessionTiming extends ConnectionTiming {
  /** Maximum time for one DiscoverPollEndpoint. Default 126 s: 3 × (30 s dial + 10 s TLS + 2 s). */
  readonly discoverTimeoutMs: number;
  /** How long a discovered endpoint is valid. Default 12 h. */
  readonly endpointCacheTtlMs: number;
  /** The first backoff delay. Default 250 ms. */
  readonly backoffMinMs: number;
  /** The longest backoff delay, before up to 20 % of jitter. Default 2 min. */
  readonly backoffMaxMs: number;
  /** A connection that lasted this long resets the backoff. Default 60 s. */
  readonly backoffResetMs: number;
  /** Maximum jitter added to `backoffResetMs`. Default 60 s. */
  readonly backoffResetJitterMs: number;
  /** Delay after the service has called the container instance inactive. Default 1 h. */
  readonly inactiveInstanceReconnectDelayMs: number;
  /**
   * A connection that lasted less than this counts as too short, whatever it delivered: from the
   * second in a row on the session backs off even if they end cleanly, and after each three in a
   * row it calls ECS again. Default 5 s, not in the reference.
   */
  readonly minUsefulConnectionMs: number;
  /**
   * How long the session may take to reconnect after a clean end before it is no longer ready.
   * Default 5 s, not in the reference.
   */
  readonly reconnectGraceMs: number;
  /** How long an operation must fail before it is reported, and between reports. Default 1 min. */
  readonly failureReportIntervalMs: number;
  /**
   * How long handlers may take to finish when the session stops. Default 5 s, not in the reference.
   */
  readonly drainTimeoutMs: number;
  /**
   * How long a stop waits for the peer to answer the close frame. Default 1 s, not in the
   * reference.
   */
  readonly closeTimeoutMs: number;
  /**
   * How long one handler may occupy a lane before the session is unhealthy. Default 1 min, not in
   * the reference.
   */
  readonly laneStuckMs: number;
  /**
   * How long an update handler may run before the session is unhealthy. Default 20 min, not in the
   * reference, which gives up on a download after 15 min.
   */
  readonly updateStuckMs: number;
  /**
   * How long a message may wait in its lane before the session is unhealthy. Default 1 min, not in
   * the reference: as long as one handler may run; messages behind an update may wait for
   * `updateStuckMs`.
   */
  readonly laneBacklogMs: number;
  /**
   * If the wall clock gains this much on the monotonic one, the machine was suspended: the session
   * ends all waits and reconnects immediately. Compared whenever a frame arrives, after 1.5 times
   * this time without one, and then twice as often. Default 30 s, not in the reference: half the
   * shortest silence after which a peer counts as gone.
   */
  readonly minSuspensionMs: number;
  /**
   * The largest clock skew for which signatures are corrected; a larger one is only reported. A
   * machine whose clock starts in 1970 needs more than the default, and 0 disables the correction.
   * Default 24 h, not in the reference.
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
