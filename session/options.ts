/**
 * What a session is made of, and the checks that find what cannot work before it starts.
 *
 * @module
 */

import { isArn } from "../protocol/arn.ts";
import type { EniHandler } from "../responders/eni_attachment.ts";
import type { ResourceHandler } from "../responders/attach_resource_responder.ts";
import {
  type CredentialsManager,
  MemoryCredentialsManager,
} from "../responders/credentials_manager.ts";
import { Doctor } from "../responders/doctor.ts";
import {
  type ManifestMessageIdAccessor,
  memoryManifestMessageId,
} from "../responders/manifest_message_id.ts";
import type { PayloadMessageHandler } from "../responders/payload_responder.ts";
import type { CredentialsMetadataSetter } from "../responders/refresh_credentials_responder.ts";
import {
  memorySequenceNumber,
  type SequenceNumberAccessor,
} from "../responders/sequence_number.ts";
import type { TaskComparer } from "../responders/task_manifest_responder.ts";
import type { TaskStopper } from "../responders/task_stop_verification_ack_responder.ts";
import type { UpdateHandler } from "../responders/update_responder.ts";
import type { AwsCredentialIdentityProvider } from "../wsclient/signing/credentials.ts";
import type { RandomSource } from "../internal/jitter.ts";
import type { Transport } from "../wsclient/transport.ts";
import { nativeTransport } from "../wsclient/transports/native.ts";
import { ecsEndpoint, type EcsEndpointOptions } from "./discovery/ecs_endpoint.ts";
import { DEFAULT_LANE_LIMITS, type LaneLimits } from "./dispatch/lane.ts";
import { DEFAULT_LIMITS, type SessionLimits } from "./limits.ts";
import { DEFAULT_TIMING, type SessionTiming } from "./timing.ts";

/**
 * What a session needs. Only the first four are required; a message that no handler is given for is
 * counted, logged and not acknowledged.
 */
export interface SessionOptions extends EcsEndpointOptions {
  /** The region, such as `"us-west-2"`. */
  readonly region: string;
  /** The container instance's ARN. */
  readonly containerInstanceArn: string;
  /** The container instance's own credentials, or a function that is asked at each attempt. */
  readonly credentials: AwsCredentialIdentityProvider;
  /** The agent's version, such as `"1.0.0"`. */
  readonly agentVersion: string;
  /** The agent's commit hash. Default `"unknown"`. */
  readonly agentHash?: string;
  /** The cluster's name or ARN. Default `"default"`, as with ECS itself. */
  readonly cluster?: string;
  /** Docker's version, or `"containerd"`. Left out towards the service by default. */
  readonly dockerVersion?: string;
  /** The URL of the ECS API, in place of the region's own. */
  readonly endpoint?: string;
  /**
   * Takes an `http:` endpoint of ACS from an ECS API that was asked over `https:`, whatever the host
   * is. The session token and the signature are then sent in clear text. Default `false`: such an
   * endpoint is refused unless it is on this machine.
   */
  readonly allowInsecureEndpoint?: boolean;
  /**
   * The id of the Availability Zone, such as `"usw2-az1"`. ECS answers with a `systemLogsEndpoint`
   * only to those who send it. Default `""`.
   */
  readonly zoneId?: string;

  /** Takes tasks. */
  readonly payloadMessageHandler?: PayloadMessageHandler;
  /** Stores the tasks' credentials. Default: in memory. */
  readonly credentialsManager?: CredentialsManager;
  /** Is told of fresh credentials of a task. */
  readonly credentialsMetadataSetter?: CredentialsMetadataSetter;
  /** Waits for network interfaces. */
  readonly eniHandler?: EniHandler;
  /** Waits for other resources. */
  readonly resourceHandler?: ResourceHandler;
  /** Compares running tasks with a manifest. */
  readonly taskComparer?: TaskComparer;
  /** Stops tasks. */
  readonly taskStopper?: TaskStopper;
  /**
   * Updates the agent. Default: an update is refused with `Updates are disabled`. With containerd it
   * is not used, and an update is not answered.
   */
  readonly updateHandler?: UpdateHandler;
  /** Runs health checks at each heartbeat. Default: one without checks. */
  readonly doctor?: Doctor;
  /** Keeps the latest sequence number. Default: in memory. */
  readonly sequenceNumberAccessor?: SequenceNumberAccessor;
  /** Keeps the id of the last manifest. Default: in memory. */
  readonly manifestMessageIdAccessor?: ManifestMessageIdAccessor;
  /**
   * Is called when the service says that the container instance is deregistered. The session waits
   * (one hour by default) and tries again.
   */
  readonly inactiveInstanceCallback?: () => void | Promise<void>;

  /** Time constants to change; each default is the reference's where it has one. */
  readonly timing?: Partial<SessionTiming>;
  /** How much may wait to be handled. */
  readonly laneLimits?: Partial<LaneLimits>;
  /** How much is held beside. */
  readonly limits?: Partial<SessionLimits>;
  /** Opens sockets. Default: the runtime's own WebSocket. */
  readonly transport?: Transport;
  /** Sends requests to the ECS API. Default: the runtime's own. */
  readonly fetch?: typeof fetch;
  /** Where jitter comes from. Default `Math.random`. */
  readonly random?: RandomSource;
}

/** Handlers that have no default. */
type OptionalHandlers = Pick<
  SessionOptions,
  | "payloadMessageHandler"
  | "credentialsMetadataSetter"
  | "eniHandler"
  | "resourceHandler"
  | "taskComparer"
  | "taskStopper"
  | "updateHandler"
  | "inactiveInstanceCallback"
>;

/** Options with every default filled in. */
export interface ResolvedSessionOptions extends OptionalHandlers {
  /** See {@linkcode SessionOptions}. */
  readonly region: string;
  /** See {@linkcode SessionOptions}. */
  readonly cluster: string;
  /** See {@linkcode SessionOptions}. */
  readonly containerInstanceArn: string;
  /** See {@linkcode SessionOptions}. */
  readonly credentials: AwsCredentialIdentityProvider;
  /** See {@linkcode SessionOptions}. */
  readonly agentVersion: string;
  /** See {@linkcode SessionOptions}. */
  readonly agentHash: string;
  /** See {@linkcode SessionOptions}. */
  readonly dockerVersion: string;
  /** The URL of the ECS API. */
  readonly ecsEndpoint: string;
  /** See {@linkcode SessionOptions}. */
  readonly allowInsecureEndpoint: boolean;
  /** See {@linkcode SessionOptions}. */
  readonly zoneId: string;
  /** See {@linkcode SessionOptions}. */
  readonly credentialsManager: CredentialsManager;
  /** See {@linkcode SessionOptions}. */
  readonly doctor: Doctor;
  /** See {@linkcode SessionOptions}. */
  readonly sequenceNumberAccessor: SequenceNumberAccessor;
  /** See {@linkcode SessionOptions}. */
  readonly manifestMessageIdAccessor: ManifestMessageIdAccessor;
  /** See {@linkcode SessionOptions}. */
  readonly timing: SessionTiming;
  /** See {@linkcode SessionOptions}. */
  readonly laneLimits: LaneLimits;
  /** See {@linkcode SessionOptions}. */
  readonly limits: SessionLimits;
  /** See {@linkcode SessionOptions}. */
  readonly transport: Transport;
  /** See {@linkcode SessionOptions}. */
  readonly fetch: typeof fetch;
  /** See {@linkcode SessionOptions}. */
  readonly random: RandomSource;
}

/**
 * Checks options and fills in defaults.
 *
 * @throws {RangeError} If an option cannot work; names it.
 */
export function resolveOptions(options: SessionOptions): ResolvedSessionOptions {
  requireText(options.region, "region", "such as us-west-2");
  if (!REGION.test(options.region)) {
    throw new RangeError("The option region must be a region's name, such as us-west-2");
  }
  requireText(options.agentVersion, "agentVersion", "such as 1.0.0");
  if (!isArn(options.containerInstanceArn)) {
    throw new RangeError("The option containerInstanceArn must be the container instance's ARN");
  }
  const { credentials } = options;
  const hasKeys = typeof credentials === "function" ||
    (credentials?.accessKeyId && credentials.secretAccessKey);
  if (!hasKeys) {
    throw new RangeError(
      "The option credentials must be AWS credentials or a function that returns them",
    );
  }
  if (options.endpoint !== undefined) requireHttpUrl(options.endpoint, "endpoint");
  const timing = mergeNumbers(DEFAULT_TIMING, options.timing, "timing");
  if (timing.backoffMaxMs < timing.backoffMinMs) {
    throw new RangeError("The option timing.backoffMaxMs must not be less than backoffMinMs");
  }
  const laneLimits = mergeNumbers(DEFAULT_LANE_LIMITS, options.laneLimits, "laneLimits");
  return {
    ...options,
    cluster: options.cluster || "default",
    agentHash: options.agentHash || "unknown",
    dockerVersion: options.dockerVersion ?? "",
    ecsEndpoint: options.endpoint ?? ecsEndpoint(options.region, options),
    allowInsecureEndpoint: options.allowInsecureEndpoint ?? false,
    zoneId: options.zoneId ?? "",
    credentialsManager: options.credentialsManager ?? new MemoryCredentialsManager(),
    doctor: options.doctor ?? new Doctor(),
    sequenceNumberAccessor: options.sequenceNumberAccessor ?? memorySequenceNumber(),
    manifestMessageIdAccessor: options.manifestMessageIdAccessor ?? memoryManifestMessageId(),
    timing,
    laneLimits,
    limits: resolveLimits(options.limits, laneLimits),
    transport: options.transport ?? nativeTransport,
    fetch: options.fetch ?? fetch,
    random: options.random ?? Math.random,
  };
}

/** A frame that fits into no lane would end every connection that it comes by. */
function resolveLimits(
  given: Partial<SessionLimits> | undefined,
  { maxSize }: LaneLimits,
): SessionLimits {
  const limits = mergeNumbers(DEFAULT_LIMITS, given, "limits");
  if (limits.maxFrameSize <= maxSize) return limits;
  if (given?.maxFrameSize === undefined) return { ...limits, maxFrameSize: maxSize };
  throw new RangeError("The option limits.maxFrameSize must not be more than laneLimits.maxSize");
}

/** A region goes into a host's name and into a header. */
const REGION = /^[a-z0-9]+(-[a-z0-9]+)*$/;

/** Timers cannot count further than 2^31 - 1 ms; this leaves room for jitter on top. */
const MAX_NUMBER = 1_000_000_000;

/** What no timer counts may be larger: this is the longest time between two dates. */
const LARGEST: ReadonlyMap<string, number> = new Map([["maxClockSkewMs", 8.64e15]]);

/** Where no time at all makes sense; elsewhere it would turn a limit into its opposite. */
const MAY_BE_ZERO: ReadonlySet<string> = new Set([
  "idleJitterMs",
  "connectionLifetimeJitterMs",
  "endpointCacheTtlMs",
  "backoffResetMs",
  "backoffResetJitterMs",
  "minUsefulConnectionMs",
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

/** A user name or a query would be no use to a signed request, and would be told in errors. */
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
  const unknown = Object.keys(given).find((key) => !(key in defaults));
  if (unknown !== undefined) throw new RangeError(`There is no option ${name}.${unknown}`);
  const merged = { ...defaults, ...given };
  for (const key in merged) {
    const value = merged[key];
    const least = MAY_BE_ZERO.has(key) ? 0 : 1;
    const largest = LARGEST.get(key) ?? MAX_NUMBER;
    if (Number.isFinite(value) && value >= least && value <= largest) continue;
    throw new RangeError(
      `The option ${name}.${key} is ${value}; it must be from ${least} to ${largest}`,
    );
  }
  return merged;
}
