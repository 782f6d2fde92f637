/**
 * The emulator's options.
 *
 * @module
 */

import { type EmulatorCredentials, EXAMPLE_CREDENTIALS } from "./http/sigv4.ts";

/** A certificate, to serve over TLS. */
export interface TlsOptions {
  /** The private key, PEM. */
  readonly key: string;
  /** The certificate, and the chain after it, PEM. */
  readonly cert: string;
}

/** How an emulator is started. */
export interface EmulatorOptions {
  /**
   * The port; 0 for any free one.
   *
   * @default 0
   */
  readonly port?: number;
  /**
   * The address to listen on.
   *
   * @default "127.0.0.1"
   */
  readonly hostname?: string;
  /**
   * The credentials that agents have to sign with.
   *
   * @default EXAMPLE_CREDENTIALS
   */
  readonly credentials?: EmulatorCredentials;
  /**
   * The region that agents have to sign for.
   *
   * @default "us-west-2"
   */
  readonly region?: string;
  /**
   * The only cluster there is. Agents may give its name or its ARN.
   *
   * @default any cluster
   */
  readonly clusterArn?: string;
  /**
   * ARNs of the registered container instances; others are refused with InvalidInstanceException.
   *
   * @default any well-formed ARN
   */
  readonly containerInstances?: readonly string[];
  /**
   * Time from one heartbeat to the next on a connection, in ms; 0 for none at all. The first one
   * follows the upgrade at once. The service's own interval is not documented; ours is half the
   * shortest silence (60 s) after which an agent gives up.
   *
   * @default 30_000
   */
  readonly heartbeatIntervalMs?: number;
  /**
   * How many heartbeats in a row an agent may leave unanswered before its connection is closed with
   * code 1000; 0 for any number. Only agents with `protocolVersion` 2 or above are closed. The
   * service's own number is not documented.
   *
   * @default 3
   */
  readonly missedHeartbeatLimit?: number;
  /**
   * How far the service's clock is ahead of the machine's, in ms; negative for behind. Signatures
   * are checked and the `Date` header is set by the service's clock.
   *
   * @default 0
   */
  readonly clockSkewMs?: number;
  /**
   * Whether a TaskStopVerificationMessage is answered at once, with all its candidates.
   *
   * @default true
   */
  readonly answerTaskStopVerification?: boolean;
  /**
   * How many connections and how many of the agents' messages are kept to look at; older ones are
   * forgotten.
   *
   * @default 10_000
   */
  readonly historyLimit?: number;
  /**
   * Set to serve over TLS.
   *
   * @default plain HTTP
   */
  readonly tls?: TlsOptions;
}

/** The options with their defaults in place. */
export interface ResolvedOptions extends Required<Omit<EmulatorOptions, Optional>> {
  /** The only cluster there is; `undefined` for any. */
  readonly clusterArn: string | undefined;
  /** The registered container instances; `undefined` for any. */
  readonly containerInstances: readonly string[] | undefined;
  /** Set to serve over TLS. */
  readonly tls: TlsOptions | undefined;
}

type Optional = "clusterArn" | "containerInstances" | "tls";

/**
 * Puts the defaults in place.
 *
 * @throws {RangeError} If a number is out of range.
 */
export function resolveOptions(options: EmulatorOptions): ResolvedOptions {
  const { heartbeatIntervalMs = 30_000, missedHeartbeatLimit = 3, historyLimit = 10_000 } = options;
  atLeast(0, "heartbeatIntervalMs", heartbeatIntervalMs);
  atLeast(0, "missedHeartbeatLimit", missedHeartbeatLimit);
  atLeast(1, "historyLimit", historyLimit);
  return {
    port: options.port ?? 0,
    hostname: options.hostname ?? "127.0.0.1",
    credentials: options.credentials ?? EXAMPLE_CREDENTIALS,
    region: options.region ?? "us-west-2",
    clusterArn: options.clusterArn,
    containerInstances: options.containerInstances,
    heartbeatIntervalMs,
    missedHeartbeatLimit,
    clockSkewMs: options.clockSkewMs ?? 0,
    answerTaskStopVerification: options.answerTaskStopVerification ?? true,
    historyLimit,
    tls: options.tls,
  };
}

function atLeast(least: number, name: string, value: number): void {
  if (value >= least) return;
  throw new RangeError(`${name} must be at least ${least}: current value is ${value}`);
}
