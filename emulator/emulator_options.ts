/**
 * The emulator's options.
 *
 * @module
 */

import { parsePublicUrl, PUBLIC_URL_RULE } from "./http/public_url.ts";
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
   * The address to listen on. An IPv6 address may have brackets.
   *
   * @default "127.0.0.1"
   */
  readonly hostname?: string;
  /**
   * The `http:` or `https:` URL that agents reach the emulator under, where a proxy is in front of it,
   * for example to terminate TLS. DiscoverPollEndpoint answers with it. The proxy may replace the
   * `Host` header, and may remove the URL's path; signatures are checked against both forms.
   *
   * @default the emulator itself, under the name that the agent used in its request
   */
  readonly publicUrl?: string | undefined;
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
   * Time from one heartbeat to the next on a connection, in ms: a number, or the shortest and the
   * longest of which one is drawn each time; 0 for none at all. At most 2,147,483,647. The first one
   * follows the upgrade immediately. The default is the service's pace, as logs of agents show it
   * (aws/amazon-ecs-agent#1331): just below the shortest silence, 60 s, after which an agent leaves.
   *
   * @default [55_000, 56_000]
   */
  readonly heartbeatIntervalMs?: number | readonly [number, number];
  /**
   * How many heartbeats in a row an agent may leave unanswered before its connection is closed with
   * code 1000; each of them is a `problem` when the next one is due; 0 for any number. Only agents with `protocolVersion` 2 or above are closed. The
   * service's own number is not documented.
   *
   * @default 3
   */
  readonly missedHeartbeatLimit?: number;
  /**
   * How long a connection lives before it is closed with code 1000, in ms, at most 2,147,483,647; 0
   * for ever. The service does so, too; its own time is not documented.
   *
   * @default 1_800_000
   */
  readonly maxConnectionMs?: number;
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
   * The machine's clock, in ms since the epoch.
   *
   * @default Date.now
   */
  readonly now?: () => number;
  /**
   * Makes all ids, keys and random delays from this number: the same in each run.
   *
   * @default the runtime's own randomness
   */
  readonly seed?: number;
  /**
   * A file that keeps what the service knows across restarts: container instances, tasks,
   * credentials, unanswered messages, numbers. It is made if there is none, and holds the
   * credentials of tasks, so that only its owner may read it. Whatever was answered is in it.
   *
   * @default nothing outlives the emulator
   */
  readonly stateFile?: string;
  /**
   * The form of the exceptions that refuse an upgrade: `"framed"` like a message of the session,
   * `{"type": Name, "message": {…}}`, or `"bare"`, `{Name: "…"}`. The service uses both.
   *
   * @default "framed"
   */
  readonly exceptionForm?: "framed" | "bare";
  /**
   * How long an agent's message may be, in bytes. A longer one is a `problem`, and closes the
   * connection with code 1009.
   *
   * @default 1_048_576
   */
  readonly maxFrameBytes?: number;
  /**
   * How long a request may take to arrive, head and body, in ms, at most 2,147,483,647; then it is
   * answered with status 408 and cut.
   *
   * @default 30_000
   */
  readonly requestTimeoutMs?: number;
  /**
   * How many connections, entries of the transcript and messages of agents are kept to look at; older
   * ones are forgotten.
   *
   * @default 10_000
   */
  readonly historyLimit?: number;
  /**
   * What calls of the control plane have to bring as `Authorization: Bearer …`. Where the emulator
   * listens on another address than the machine's own loopback, none are answered without.
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

/** The options with their defaults in place. */
export interface ResolvedOptions extends Required<Omit<EmulatorOptions, Optional>> {
  /** Shortest and longest time from one heartbeat to the next, in ms. */
  readonly heartbeatIntervalMs: readonly [number, number];
  /** The only cluster there is; `undefined` for any. */
  readonly clusterArn: string | undefined;
  /** The registered container instances; `undefined` for any. */
  readonly containerInstances: readonly string[] | undefined;
  /** Set to serve over TLS. */
  readonly tls: TlsOptions | undefined;
  /** Makes ids and delays the same in each run. */
  readonly seed: number | undefined;
  /** Keeps what the service knows. */
  readonly stateFile: string | undefined;
  /** What control calls have to bring. */
  readonly controlToken: string | undefined;
  /** The URL of the proxy in front. */
  readonly publicUrl: URL | undefined;
}

type Optional =
  | "clusterArn"
  | "containerInstances"
  | "controlToken"
  | "heartbeatIntervalMs"
  | "publicUrl"
  | "seed"
  | "stateFile"
  | "tls";

/** The longest time that a timer can wait, in ms: a longer one would fire immediately. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** The service's pace of heartbeats, in ms, as seen in aws/amazon-ecs-agent#1331. */
const HEARTBEAT_INTERVAL_MS = [55_000, 56_000] as const;

/**
 * Puts the defaults in place.
 *
 * @throws {RangeError} If an option is out of range, naming it.
 */
export function resolveOptions(options: EmulatorOptions): ResolvedOptions {
  const { missedHeartbeatLimit = 3, maxConnectionMs = 1_800_000, historyLimit = 10_000 } = options;
  const heartbeatIntervalMs = resolveInterval(options.heartbeatIntervalMs ?? HEARTBEAT_INTERVAL_MS);
  inRange("missedHeartbeatLimit", missedHeartbeatLimit, 0);
  inRange("maxConnectionMs", maxConnectionMs, 0, MAX_TIMER_MS);
  inRange("historyLimit", historyLimit, 1);
  const { exceptionForm = "framed", maxFrameBytes = 1_048_576, requestTimeoutMs = 30_000 } =
    options;
  inRange("maxFrameBytes", maxFrameBytes, 1);
  inRange("requestTimeoutMs", requestTimeoutMs, 1, MAX_TIMER_MS);
  const { clockSkewMs = 0, seed, credentials = EXAMPLE_CREDENTIALS } = options;
  // What a Date can hold: beyond it, no `Date` header could be made.
  inRange("clockSkewMs", clockSkewMs, -1e12, 1e12);
  if (seed !== undefined) inRange("seed", seed, -Number.MAX_VALUE, Number.MAX_VALUE);
  if (exceptionForm !== "framed" && exceptionForm !== "bare") {
    throw new RangeError(`exceptionForm must be framed or bare: current value is ${exceptionForm}`);
  }
  const { hostname = "127.0.0.1", region = "us-west-2", clusterArn, stateFile, controlToken } =
    options;
  const { accessKeyId, secretAccessKey } = credentials;
  notEmpty({
    hostname,
    region,
    clusterArn,
    stateFile,
    controlToken,
    "credentials.accessKeyId": accessKeyId,
    "credentials.secretAccessKey": secretAccessKey,
  });
  return {
    port: options.port ?? 0,
    hostname: hostname.replace(/^\[(.*)\]$/, "$1"),
    publicUrl: resolvePublicUrl(options.publicUrl),
    credentials,
    region,
    clusterArn,
    containerInstances: options.containerInstances,
    heartbeatIntervalMs,
    missedHeartbeatLimit,
    maxConnectionMs,
    clockSkewMs,
    answerTaskStopVerification: options.answerTaskStopVerification ?? true,
    now: options.now ?? Date.now,
    seed,
    stateFile,
    exceptionForm,
    maxFrameBytes,
    requestTimeoutMs,
    historyLimit,
    controlToken,
    tls: options.tls,
  };
}

function resolveInterval(given: number | readonly [number, number]): readonly [number, number] {
  const [shortest, longest] = typeof given === "number" ? [given, given] : given;
  inRange("heartbeatIntervalMs", shortest, 0, MAX_TIMER_MS);
  inRange("the longest heartbeatIntervalMs", longest, shortest, MAX_TIMER_MS);
  return [shortest, longest];
}

function resolvePublicUrl(given: string | undefined): URL | undefined {
  if (given === undefined) return undefined;
  const url = parsePublicUrl(given);
  // The value is not quoted: it may have a password.
  if (url === undefined) throw new RangeError(`publicUrl ${PUBLIC_URL_RULE}`);
  return url;
}

function inRange(name: string, value: number, least: number, most = Infinity): void {
  if (value >= least && value <= most) return;
  const range = most === Infinity ? `at least ${least}` : `from ${least} to ${most}`;
  throw new RangeError(`${name} must be ${range}: current value is ${value}`);
}

function notEmpty(texts: Readonly<Record<string, string | undefined>>): void {
  for (const [name, text] of Object.entries(texts)) {
    if (text === "") throw new RangeError(`${name} must not be empty`);
  }
}
