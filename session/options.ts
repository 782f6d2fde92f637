/**
 * The options of a session, and the checks that find invalid ones before it starts.
 *
 * @module
 */

import { isArn } from "../protocol/arn.ts";
import {
  type CredentialsManager,
  MemoryCredentialsManager,
} from "../responders/credentials_manager.ts";
import { Doctor } from "../responders/doctor.ts";
import {
  type ManifestMessageIdAccessor,
  memoryManifestMessageId,
} from "../responders/manifest_message_id.ts";
import {
  memorySequenceNumber,
  type SequenceNumberAccessor,
} from "../responders/sequence_number.ts";
import {
  type AwsCredentialIdentityProvider,
  checkCredentials,
} from "../wsclient/signing/credentials.ts";
import { toError } from "../internal/redaction/describe_error.ts";
import type { RandomSource } from "../internal/jitter.ts";
import { checkNumber } from "../internal/number_option.ts";
import { checkOptionNames, type OptionNames } from "../internal/option_names.ts";
import type { Transport } from "../wsclient/transport.ts";
import { nativeTransport } from "../wsclient/transports/native.ts";
import {
  type AgentHandlers,
  HANDLER_OPTION_NAMES,
  type HandlerOptions,
  type ResolvedHandlers,
  resolveHandlers,
} from "./agent_handlers.ts";
import {
  ECS_ENDPOINT_OPTION_NAMES,
  ecsEndpoint,
  type EcsEndpointOptions,
} from "./discovery/ecs_endpoint.ts";
import { clusterToSend, identityProblem } from "./identity_problem.ts";
import { DEFAULT_LIMITS, maxFrameSizeFor, type SessionLimits, shareOf } from "./limits.ts";
import type { SessionMeterProvider } from "./reporting/meter_provider.ts";
import { DEFAULT_TIMING, type SessionTiming } from "./timing.ts";

/**
 * The options of a session. `region`, `containerInstanceArn`, `credentials` and `agentVersion` are
 * required. A message without a handler is counted, logged and not acknowledged.
 */
export interface SessionOptions extends EcsEndpointOptions, HandlerOptions {
  /** The region, such as `"us-west-2"`. */
  readonly region: string;
  /** The container instance's ARN. */
  readonly containerInstanceArn: string;
  /** The container instance's own credentials, or a function that is called at each attempt. */
  readonly credentials: AwsCredentialIdentityProvider;
  /** The agent's version, such as `"1.0.0"`. */
  readonly agentVersion: string;
  /** The agent's commit hash. Default `"unknown"`. */
  readonly agentHash?: string;
  /**
   * The cluster's name or ARN. Default: the one in the container instance's ARN; if that has the older
   * form without a cluster, `"default"`, as with ECS itself.
   */
  readonly cluster?: string;
  /** Docker's version, or `"containerd"`. Not sent by default. */
  readonly dockerVersion?: string;
  /** The URL of the ECS API. Default: the region's own. */
  readonly endpoint?: string | undefined;
  /**
   * Accepts an `http:` endpoint of ACS from an ECS API that was called over `https:`, whatever the
   * host. The session token and the signature are then sent in plaintext. Default `false`: such an
   * endpoint is refused unless it is on this machine.
   */
  readonly allowInsecureEndpoint?: boolean;
  /**
   * The id of the Availability Zone, such as `"usw2-az1"`. ECS returns a `systemLogsEndpoint` only
   * if it is sent. Default `""`.
   */
  readonly zoneId?: string;

  /**
   * An object whose methods are handlers, such as the agent itself: any of those that
   * {@linkcode HandlerOptions} lists. A handler given by its own option takes precedence.
   */
  readonly handlers?: Partial<AgentHandlers>;
  /** Stores the tasks' credentials. Default: in memory. */
  readonly credentialsManager?: CredentialsManager;
  /**
   * Who stores the credentials that a payload contains for its tasks. `"session"` (the default, as
   * in the reference): the session stores them before it calls the payload handler, `ack()`
   * acknowledges them, and they are removed once the service has said that their task has ended.
   * `"handler"`: the handler stores them, and passes `ack` the list of those to acknowledge.
   */
  readonly payloadCredentials?: "session" | "handler";
  /** Runs health checks at each heartbeat. Default: one without checks. */
  readonly doctor?: Doctor;
  /** Stores the latest sequence number. Default: in memory. */
  readonly sequenceNumberAccessor?: SequenceNumberAccessor;
  /** Stores the id of the last manifest. Default: in memory. */
  readonly manifestMessageIdAccessor?: ManifestMessageIdAccessor;
  /**
   * Called when the service says that the container instance is deregistered. The session waits
   * (one hour by default) and tries again.
   */
  readonly inactiveInstanceCallback?: () => void | Promise<void>;

  /** Overrides of the time constants in `DEFAULT_TIMING`. */
  readonly timing?: Partial<SessionTiming>;
  /** Limits on what the session holds. */
  readonly limits?: Partial<SessionLimits>;
  /** Opens sockets. Default: the runtime's own WebSocket. */
  readonly transport?: Transport;
  /** Sends requests to the ECS API. Default: the runtime's own. */
  readonly fetch?: typeof fetch;
  /**
   * Creates the instruments of the session's metrics. Default: the provider that is registered
   * globally with `@opentelemetry/api`, if there is one.
   */
  readonly meterProvider?: SessionMeterProvider;
  /**
   * Warns once per process, with `process.emitWarning`, if connecting keeps failing or a handler throws
   * while LogTape has no sink for this package and the session's events have no listener. Default
   * `true`.
   */
  readonly warnIfUnheard?: boolean;
  /**
   * The random source for jitter: returns a number from 0 to 1. Anything else is logged, and
   * `Math.random` is used. Default `Math.random`.
   */
  readonly random?: RandomSource;
}

/** Options that are required or have a default, and are used unchanged. */
type WithDefaults = Required<
  Pick<
    SessionOptions,
    | "region"
    | "cluster"
    | "containerInstanceArn"
    | "credentials"
    | "agentVersion"
    | "agentHash"
    | "dockerVersion"
    | "allowInsecureEndpoint"
    | "zoneId"
    | "credentialsManager"
    | "payloadCredentials"
    | "doctor"
    | "sequenceNumberAccessor"
    | "manifestMessageIdAccessor"
    | "transport"
    | "fetch"
    | "random"
  >
>;

/** The names of the options, for detecting misspelled ones. */
const OPTION_NAMES: OptionNames<SessionOptions> = {
  ...HANDLER_OPTION_NAMES,
  ...ECS_ENDPOINT_OPTION_NAMES,
  region: true,
  containerInstanceArn: true,
  credentials: true,
  agentVersion: true,
  agentHash: true,
  cluster: true,
  dockerVersion: true,
  endpoint: true,
  allowInsecureEndpoint: true,
  zoneId: true,
  handlers: true,
  credentialsManager: true,
  payloadCredentials: true,
  doctor: true,
  sequenceNumberAccessor: true,
  manifestMessageIdAccessor: true,
  inactiveInstanceCallback: true,
  timing: true,
  limits: true,
  transport: true,
  fetch: true,
  meterProvider: true,
  warnIfUnheard: true,
  random: true,
};

/** Options with every default filled in. */
export interface ResolvedSessionOptions extends ResolvedHandlers, WithDefaults {
  /** The URL of the ECS API. */
  readonly ecsEndpoint: string;
  /** Called when the service says that the container instance is deregistered. */
  readonly inactiveInstanceCallback: (() => void | Promise<void>) | undefined;
  /** Creates the instruments; `undefined` for the provider that is registered globally. */
  readonly meterProvider: SessionMeterProvider | undefined;
  /** Whether an unheard problem is reported on the runtime's channel. */
  readonly warnIfUnheard: boolean;
  /** All time constants. */
  readonly timing: SessionTiming;
  /** All limits. */
  readonly limits: SessionLimits;
}

/**
 * Checks options and fills in defaults.
 *
 * @throws {RangeError} If an option is invalid; the message names it.
 */
export function resolveOptions(options: SessionOptions): ResolvedSessionOptions {
  checkOptionNames(options, OPTION_NAMES, "");
  requireText(options.region, "region", "such as us-west-2");
  if (!REGION.test(options.region)) {
    throw new RangeError("The option region must be a region's name, such as us-west-2");
  }
  requireText(options.agentVersion, "agentVersion", "such as 1.0.0");
  if (!isArn(options.containerInstanceArn)) {
    throw new RangeError("The option containerInstanceArn must be the container instance's ARN");
  }
  requireFittingIdentity(options);
  const { credentials } = options;
  requireCredentials(credentials);
  const { allowInsecureEndpoint = false, zoneId = "" } = options;
  // Anything else, such as "false" from an environment variable, would be ambiguous.
  if (typeof allowInsecureEndpoint !== "boolean") {
    throw new RangeError("The option allowInsecureEndpoint must be true or false");
  }
  if (typeof zoneId !== "string") throw new RangeError("The option zoneId must be a string");
  if (options.endpoint !== undefined) requireHttpUrl(options.endpoint, "endpoint");
  const { payloadCredentials = "session" } = options;
  if (payloadCredentials !== "session" && payloadCredentials !== "handler") {
    throw new RangeError('payloadCredentials must be "session" or "handler"');
  }
  const timing = mergeNumbers(DEFAULT_TIMING, options.timing, "timing");
  if (timing.backoffMaxMs < timing.backoffMinMs) {
    throw new RangeError("The option timing.backoffMaxMs must not be less than backoffMinMs");
  }
  const limits = resolveLimits(options.limits);
  return {
    ...resolveHandlers(options),
    region: options.region,
    containerInstanceArn: options.containerInstanceArn,
    credentials,
    agentVersion: options.agentVersion,
    inactiveInstanceCallback: options.inactiveInstanceCallback,
    cluster: clusterToSend(options),
    agentHash: options.agentHash || "unknown",
    dockerVersion: options.dockerVersion ?? "",
    ecsEndpoint: options.endpoint ?? regionalEndpoint(options),
    allowInsecureEndpoint,
    zoneId,
    credentialsManager: options.credentialsManager ??
      new MemoryCredentialsManager({ maxBytes: shareOf("storedCredentials", limits) }),
    payloadCredentials,
    doctor: options.doctor ?? new Doctor(),
    sequenceNumberAccessor: options.sequenceNumberAccessor ?? memorySequenceNumber(),
    manifestMessageIdAccessor: options.manifestMessageIdAccessor ?? memoryManifestMessageId(),
    timing,
    limits,
    transport: options.transport ?? nativeTransport,
    fetch: options.fetch ?? fetch,
    meterProvider: options.meterProvider,
    warnIfUnheard: options.warnIfUnheard ?? true,
    random: options.random ?? Math.random,
  };
}

/** A frame that fits into no lane, or that must not be parsed, would never be answered. */
function resolveLimits(given: Partial<SessionLimits> | undefined): SessionLimits {
  const limits = mergeNumbers(DEFAULT_LIMITS, given, "limits");
  const { maxLaneSize: maxSize } = limits;
  const fitting = maxFrameSizeFor(limits);
  if (limits.maxFrameSize <= maxSize && limits.maxFrameSize <= fitting) return limits;
  if (given?.maxFrameSize === undefined) {
    return { ...limits, maxFrameSize: Math.min(maxSize, fitting) };
  }
  if (limits.maxFrameSize > maxSize) {
    throw new RangeError("The option limits.maxFrameSize must not be more than limits.maxLaneSize");
  }
  throw new RangeError(
    `The option limits.maxFrameSize must not be more than ${fitting}, a twentieth of ` +
      "limits.maxHeldBytes: raise that, too",
  );
}

/** A region becomes part of a host name and of a header. */
const REGION = /^[a-z0-9]+(-[a-z0-9]+)*$/;

/** Timers are limited to 2^31 - 1 ms; this leaves room for jitter. */
const MAX_NUMBER = 1_000_000_000;

/** Times without a timer may be larger: this is the longest time between two dates. */
const LARGEST: ReadonlyMap<string, number> = new Map([["maxClockSkewMs", 8.64e15]]);

/** Options for which 0 is meaningful; elsewhere it would turn a limit into its opposite. */
const MAY_BE_ZERO: ReadonlySet<string> = new Set([
  "idleJitterMs",
  "connectionLifetimeJitterMs",
  "endpointCacheTtlMs",
  "backoffResetMs",
  "backoffResetJitterMs",
  "minUsefulConnectionMs",
  "reconnectGraceMs",
  "maxClockSkewMs",
  "drainTimeoutMs",
  "closeTimeoutMs",
  "laneStuckMs",
  "updateStuckMs",
]);

function requireText(value: string, name: string, hint: string): void {
  if (typeof value === "string" && value !== "") return;
  throw new RangeError(`The option ${name} is missing; give it a value ${hint}`);
}

/**
 * ECS would refuse such an identity at each attempt. A custom endpoint, such as an emulator,
 * decides for itself.
 */
function requireFittingIdentity(options: SessionOptions): void {
  const problem = options.endpoint === undefined ? identityProblem(options) : undefined;
  if (problem === undefined) return;
  throw new RangeError(`The option containerInstanceArn does not fit: ${problem.text}`);
}

/** Keys that no request can be signed with would be refused at each attempt, again and again. */
function requireCredentials(credentials: AwsCredentialIdentityProvider): void {
  if (typeof credentials === "function") return;
  try {
    checkCredentials(credentials);
  } catch (cause) {
    throw new RangeError(
      "The option credentials must be AWS credentials or a function that returns them." +
        ` ${toError(cause).message}`,
      { cause },
    );
  }
}

/** A user name or a query does not survive signing, and would appear in errors. */
function requireHttpUrl(value: string, name: string): void {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  const isHttp = url !== undefined && /^https?:$/.test(url.protocol);
  if (isHttp && `${url.username}${url.password}${url.search}${url.hash}` === "") return;
  throw new RangeError(
    `The option ${name} must be an http: or https: URL without user name, password or query`,
  );
}

function mergeNumbers<T extends { readonly [K in keyof T]: number }>(
  defaults: T,
  given: Partial<T> | undefined,
  name: string,
): T {
  if (given === undefined) return defaults;
  checkOptionNames(given, namesOf(defaults), name);
  const merged = { ...defaults, ...given };
  for (const key in merged) {
    const min = MAY_BE_ZERO.has(key) ? 0 : 1;
    checkNumber(`${name}.${key}`, merged[key], { min, max: LARGEST.get(key) ?? MAX_NUMBER });
  }
  return merged;
}

function namesOf(defaults: object): Readonly<Record<string, true>> {
  return Object.fromEntries(Object.keys(defaults).map((name) => [name, true]));
}

function regionalEndpoint(
  { region, useFipsEndpoint = false, useDualstackEndpoint = false }: SessionOptions,
): string {
  return ecsEndpoint(region, { useFipsEndpoint, useDualstackEndpoint });
}
