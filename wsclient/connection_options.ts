/**
 * The time constants and limits of one connection.
 *
 * @module
 */

/** The time constants of one connection, in ms. */
export interface ConnectionTiming {
  /** Timeout for connecting, including the upgrade. Default 30 s, as in the reference. */
  readonly connectTimeoutMs: number;
  /** Timeout for the credentials function. Default 30 s. */
  readonly credentialsTimeoutMs: number;
  /** How long the peer may be silent. Default 60 s, the reference's `heartbeatTimeout`. */
  readonly idleTimeoutMs: number;
  /** Maximum jitter added to `idleTimeoutMs`, drawn again after each frame. Default 60 s. */
  readonly idleJitterMs: number;
  /** How long the peer may accept no data while some is waiting to be written. Default 3 min. */
  readonly writeTimeoutMs: number;
  /** Maximum lifetime. Default 30 min, the reference's `DisconnectTimeout`. */
  readonly connectionLifetimeMs: number;
  /** Maximum jitter added to `connectionLifetimeMs`. Default 5 min. */
  readonly connectionLifetimeJitterMs: number;
}

/** The limits of one connection. */
export interface ConnectionLimits {
  /**
   * Maximum size of a frame, in characters, or bytes if it is binary; a larger one is dropped. The
   * runtimes have their own, larger limits: see docs/reliability.md. Default 4 Mi, not in the
   * reference: ten task definitions of 64 KiB, the maximum in ECS, take 1.3 Mi with their overrides
   * and credentials.
   */
  readonly maxFrameSize: number;
  /**
   * Maximum size of the data that waits to be written, in bytes; beyond it the client closes the
   * connection. Default 16 Mi, not in the reference: an acknowledgement takes a few hundred bytes.
   */
  readonly maxSendBufferSize: number;
}
