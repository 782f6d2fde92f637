/**
 * The emulator's options.
 *
 * @module
 */

import type { EmulatorCredentials } from "./emulator_credentials.ts";

/** Where a trace is written, and the contents of its header. */
export interface EmulatorTraceOptions {
  /** The file's path. An existing trace is overwritten; a file that is not a trace is not. */
  readonly file: string;
  /**
   * The program that writes it.
   *
   * @default `AcsEmulator` and its version
   */
  readonly producer?: string;
  /** The name of the scenario that is played. */
  readonly scenario?: string | undefined;
}

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
   * The address to listen on. An IPv6 address may have brackets.
   *
   * @default "127.0.0.1"
   */
  readonly hostname?: string;
  /**
   * The `http:` or `https:` URL at which agents reach the emulator if a proxy is in front of it,
   * for example to terminate TLS. DiscoverPollEndpoint returns it. The proxy may replace the
   * `Host` header, and may remove the URL's path; signatures are checked against both forms.
   *
   * @default the emulator itself, under the name that the agent used in its request
   */
  readonly publicUrl?: string | undefined;
  /**
   * The credentials that agents must sign with.
   *
   * @default EXAMPLE_CREDENTIALS
   */
  readonly credentials?: EmulatorCredentials;
  /**
   * The region that agents must sign for.
   *
   * @default "us-west-2"
   */
  readonly region?: string;
  /** The only cluster. Agents may give its name or its ARN.
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
   * Whether container instances must be registered by RegisterContainerInstance, by
   * `registerContainerInstance()`, or by the option `containerInstances`. Without it, an agent that
   * connects counts as registered, with 4 vCPU and 16 GiB, in the cluster that it names.
   *
   * @default false
   */
  readonly requireRegistration?: boolean;
  /**
   * Whether the transcript has an entry for each frame of telemetry.
   *
   * @default false
   */
  readonly recordTelemetry?: boolean;
  /**
   * Time from one heartbeat to the next on a connection, in ms: a number, or the shortest and the
   * longest time, between which each is drawn at random; 0 for no heartbeats. At most
   * 2,147,483,647. The first one follows the upgrade immediately. The default is the service's pace
   * as seen in agents' logs (aws/amazon-ecs-agent#1331), just below the shortest silence after
   * which an agent closes the connection, 60 s.
   *
   * @default [55_000, 56_000]
   */
  readonly heartbeatIntervalMs?: number | readonly [number, number];
  /**
   * Number of consecutive unanswered heartbeats after which a connection is closed with code 1000;
   * 0 for never. Each is a `problem` when the next one is due. Only agents with `protocolVersion` 2
   * or above are disconnected. The service's number is not documented.
   *
   * @default 3
   */
  readonly missedHeartbeatLimit?: number;
  /**
   * Maximum age of a connection, in ms, at most 2,147,483,647, after which it is closed with code
   * 1000; 0 for no limit. The service does the same; its limit is not documented.
   *
   * @default 1_800_000
   */
  readonly maxConnectionMs?: number;
  /**
   * How far the service's clock is ahead of the machine's, in ms; negative for behind. Signatures
   * and the `Date` header follow the service's clock.
   *
   * @default 0
   */
  readonly clockSkewMs?: number;
  /**
   * Whether a TaskStopVerificationMessage is answered immediately, with the candidates that should
   * not run.
   *
   * @default true
   */
  readonly answerTaskStopVerification?: boolean;
  /**
   * The machine's clock, in ms since the epoch.
   *
   * @default Date.now
   */
  readonly now?: () => number;
  /**
   * The seed of all ids, keys and random delays, so that they are the same in each run.
   *
   * @default the runtime's own randomness
   */
  readonly seed?: number;
  /**
   * A file that keeps the service's state across restarts: container instances, tasks, credentials,
   * unanswered messages, sequence numbers. It is created if it does not exist. It contains the
   * credentials of tasks, so only its owner may read it. The effects of a call are in the file
   * before the call returns.
   *
   * @default no file: the state ends with the emulator
   */
  readonly stateFile?: string;
  /**
   * Where to write a trace: every event, with placeholders instead of secrets, as soon as it happens.
   * `acs show` and the console display it, and `acs emulate --replay` plays it.
   *
   * @default no trace
   */
  readonly trace?: EmulatorTraceOptions;
  /**
   * The form of exceptions in refused upgrades: `"framed"`, like a message of the session,
   * `{"type": Name, "message": {…}}`, or `"bare"`, `{Name: "…"}`. The service uses both.
   *
   * @default "framed"
   */
  readonly exceptionForm?: "framed" | "bare";
  /**
   * Maximum size of an agent's message, in bytes. A larger one is a `problem`, and closes the
   * connection with code 1009.
   *
   * @default 1_048_576
   */
  readonly maxFrameBytes?: number;
  /**
   * Maximum time for a request to arrive, head and body, in ms, at most 2,147,483,647; then it is
   * answered with status 408, and its connection is destroyed.
   *
   * @default 30_000
   */
  readonly requestTimeoutMs?: number;
  /**
   * Maximum number of connections, of transcript entries and of agents' messages that are kept; the
   * oldest are dropped first.
   *
   * @default 10_000
   */
  readonly historyLimit?: number;
  /**
   * Maximum memory, in bytes, for each of these: the connections, the transcript entries and the
   * agents' messages that are kept. It is an estimate that is never too low. The oldest
   * are dropped first; the newest is kept whatever its size.
   *
   * @default 67_108_864
   */
  readonly maxHistoryBytes?: number;
  /**
   * The token that calls to the control plane must send as `Authorization: Bearer …`. Without a
   * token, the control plane is closed on any address other than loopback.
   *
   * @default none
   */
  readonly controlToken?: string | undefined;
  /**
   * Set to serve over TLS.
   *
   * @default plain HTTP
   */
  readonly tls?: TlsOptions;
}
