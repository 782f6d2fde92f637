/**
 * The session's times in a soak: hundreds of times shorter than by default, so that each limit is
 * reached constantly.
 *
 * @module
 */

import type { SessionTiming } from "../../session/timing.ts";

/** All in ms. */
export const SOAK_TIMING: Partial<SessionTiming> = {
  connectTimeoutMs: 1_000,
  credentialsTimeoutMs: 500,
  idleTimeoutMs: 1_500,
  idleJitterMs: 1_500,
  writeTimeoutMs: 2_000,
  connectionLifetimeMs: 3_000,
  connectionLifetimeJitterMs: 2_000,
  discoverTimeoutMs: 1_000,
  endpointCacheTtlMs: 5_000,
  backoffMinMs: 5,
  backoffMaxMs: 500,
  backoffResetMs: 1_000,
  backoffResetJitterMs: 1_000,
  inactiveInstanceReconnectDelayMs: 300,
  minUsefulConnectionMs: 50,
  failureReportIntervalMs: 500,
  drainTimeoutMs: 500,
  closeTimeoutMs: 200,
  laneStuckMs: 300,
};

/** How long a peer may take to answer a close frame before its socket is destroyed, in ms. */
export const CLOSE_GRACE_MS = 300;

/** How long the second request after a refusal may take, in ms. */
export const PROBE_TIMEOUT_MS = 500;
