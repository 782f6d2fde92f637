/**
 * Checks the emulator's options, and fills in the defaults.
 *
 * @module
 */

import { checkNumber, type NumberRange } from "../internal/number_option.ts";
import { checkOptionNames, type OptionNames } from "../internal/option_names.ts";
import type { EmulatorOptions, EmulatorTraceOptions, TlsOptions } from "./emulator_options.ts";
import { parsePublicUrl, PUBLIC_URL_RULE } from "./http/public_url.ts";
import { EXAMPLE_CREDENTIALS } from "./emulator_credentials.ts";

/** The options with their defaults in place. */
export interface ResolvedOptions extends Required<Omit<EmulatorOptions, Optional>> {
  /** Shortest and longest time from one heartbeat to the next, in ms. */
  readonly heartbeatIntervalMs: readonly [number, number];
  /** The only cluster; `undefined` for any. */
  readonly clusterArn: string | undefined;
  /** The registered container instances; `undefined` for any. */
  readonly containerInstances: readonly string[] | undefined;
  /** The certificate to serve over TLS with; `undefined` for plain HTTP. */
  readonly tls: TlsOptions | undefined;
  /** The seed of ids and delays. */
  readonly seed: number | undefined;
  /** The trace to write; `undefined` for none. */
  readonly trace: EmulatorTraceOptions | undefined;
  /** The file that keeps the state. */
  readonly stateFile: string | undefined;
  /** The token that control calls must send. */
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
  | "tls"
  | "trace";

/** The service's pace of heartbeats, in ms, as seen in aws/amazon-ecs-agent#1331. */
const HEARTBEAT_INTERVAL_MS = [55_000, 56_000] as const;

/** Any number of at least 0. */
const NOT_NEGATIVE = { max: Infinity };

/** Any number of at least 1. */
const POSITIVE = { min: 1, max: Infinity };

/** The range of a Date: beyond it, there could be no `Date` header. */
const CLOCK_SKEW = { min: -1e12, max: 1e12 };

/** The names of the options, for detecting misspelled ones. */
const OPTION_NAMES: OptionNames<EmulatorOptions> = {
  port: true,
  hostname: true,
  publicUrl: true,
  credentials: true,
  region: true,
  clusterArn: true,
  containerInstances: true,
  requireRegistration: true,
  recordTelemetry: true,
  heartbeatIntervalMs: true,
  missedHeartbeatLimit: true,
  maxConnectionMs: true,
  clockSkewMs: true,
  answerTaskStopVerification: true,
  now: true,
  seed: true,
  stateFile: true,
  trace: true,
  exceptionForm: true,
  maxFrameBytes: true,
  requestTimeoutMs: true,
  historyLimit: true,
  maxHistoryBytes: true,
  controlToken: true,
  tls: true,
};

/**
 * Checks the options, and fills in the defaults.
 *
 * @throws {RangeError} If an option is unknown or out of range, naming it.
 */
export function resolveOptions(options: EmulatorOptions): ResolvedOptions {
  checkOptionNames(options, OPTION_NAMES, "");
  const { hostname = "127.0.0.1", region = "us-west-2", clusterArn, stateFile, controlToken } =
    options;
  const { credentials = EXAMPLE_CREDENTIALS } = options;
  notEmpty({
    hostname,
    region,
    clusterArn,
    stateFile,
    "trace.file": options.trace?.file,
    controlToken,
    "credentials.accessKeyId": credentials.accessKeyId,
    "credentials.secretAccessKey": credentials.secretAccessKey,
  });
  const number = (name: NumberName, fallback: number, range: NumberRange = {}) =>
    checkNumber(name, options[name] ?? fallback, range);
  return {
    port: options.port ?? 0,
    hostname: hostname.replace(/^\[(.*)\]$/, "$1"),
    publicUrl: resolvePublicUrl(options.publicUrl),
    credentials,
    region,
    clusterArn,
    containerInstances: options.containerInstances,
    requireRegistration: options.requireRegistration ?? false,
    recordTelemetry: options.recordTelemetry ?? false,
    heartbeatIntervalMs: resolveInterval(options.heartbeatIntervalMs ?? HEARTBEAT_INTERVAL_MS),
    missedHeartbeatLimit: number("missedHeartbeatLimit", 3, NOT_NEGATIVE),
    maxConnectionMs: number("maxConnectionMs", 1_800_000),
    clockSkewMs: number("clockSkewMs", 0, CLOCK_SKEW),
    answerTaskStopVerification: options.answerTaskStopVerification ?? true,
    now: options.now ?? Date.now,
    seed: resolveSeed(options.seed),
    stateFile,
    trace: options.trace,
    exceptionForm: resolveExceptionForm(options.exceptionForm),
    maxFrameBytes: number("maxFrameBytes", 1_048_576, POSITIVE),
    requestTimeoutMs: number("requestTimeoutMs", 30_000, { min: 1 }),
    historyLimit: number("historyLimit", 10_000, POSITIVE),
    maxHistoryBytes: number("maxHistoryBytes", 67_108_864, POSITIVE),
    controlToken,
    tls: options.tls,
  };
}

/** The options that are numbers in a range. */
type NumberName =
  | "clockSkewMs"
  | "historyLimit"
  | "maxConnectionMs"
  | "maxFrameBytes"
  | "maxHistoryBytes"
  | "missedHeartbeatLimit"
  | "requestTimeoutMs";

function resolveSeed(seed: number | undefined): number | undefined {
  if (seed === undefined || Number.isFinite(seed)) return seed;
  throw new RangeError(`seed must be a finite number: current value is ${seed}`);
}

function resolveExceptionForm(
  form: EmulatorOptions["exceptionForm"] = "framed",
): "framed" | "bare" {
  if (form === "framed" || form === "bare") return form;
  throw new RangeError(`exceptionForm must be framed or bare: current value is ${form}`);
}

function resolveInterval(given: number | readonly [number, number]): readonly [number, number] {
  const [shortest, longest] = typeof given === "number" ? [given, given] : given;
  return [
    checkNumber("heartbeatIntervalMs", shortest),
    checkNumber("the longest heartbeatIntervalMs", longest, { min: shortest }),
  ];
}

function resolvePublicUrl(given: string | undefined): URL | undefined {
  if (given === undefined) return undefined;
  const url = parsePublicUrl(given);
  // The value is not quoted, since it may contain a password.
  if (url === undefined) throw new RangeError(`publicUrl ${PUBLIC_URL_RULE}`);
  return url;
}

function notEmpty(texts: Readonly<Record<string, string | undefined>>): void {
  for (const [name, text] of Object.entries(texts)) {
    if (text === "") throw new RangeError(`${name} must not be empty`);
  }
}
