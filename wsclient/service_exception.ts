/**
 * The error for an exception with which ACS refuses a connection or ECS refuses a call.
 *
 * @module
 */

import { describeClockSkew } from "./signing/clock_skew.ts";
import { safeGet, safeText } from "../internal/safe_get.ts";
import { AcsError } from "../errors.ts";
import { INACTIVE_INSTANCE_EXCEPTION, isAwsExceptionName } from "../protocol/exceptions.ts";

/** What to do about a permanent exception, by its name. */
const REMEDIES: ReadonlyMap<string, string> = new Map([
  ["InvalidClusterException", "check the cluster's name and that it exists in this region"],
  [
    "InvalidInstanceException",
    "check the container instance's ARN and that it belongs to the cluster",
  ],
  ["AccessDeniedException", "check the credentials, their permission ecs:Poll and the local clock"],
  [INACTIVE_INSTANCE_EXCEPTION, "the container instance is deregistered: register it again"],
]);

/** Where and how an exception was received. */
export interface ServiceExceptionContext {
  /** The host that answered. */
  readonly host: string;
  /** The HTTP status. */
  readonly status: number;
  /** How far the service's clock is ahead of the local one, in ms; missing if not known. */
  readonly clockSkewMs?: number | undefined;
  /** The cluster that was sent. */
  readonly cluster?: string | undefined;
  /** What the message says about the clock. Default: a description of the skew. */
  readonly clockWords?: string;
  /** Whether retrying can help, if the name alone does not determine it. */
  readonly retryable?: boolean;
}

/**
 * The service answered with one of its exceptions. Its `name` is the exception's own, such as
 * `"InactiveInstanceException"`.
 */
export class ServiceException extends AcsError {
  /** The exception's name. */
  override readonly name: string;
  /** The service's text. */
  readonly serviceMessage: string;
  /** The host that answered. */
  readonly host: string;
  /** The HTTP status. */
  readonly status: number;
  /** How far the service's clock is ahead of the local one, in ms; `undefined` if not known. */
  readonly clockSkewMs: number | undefined;
  /** The cluster that was sent, unchanged; `undefined` if not known. */
  readonly cluster: string | undefined;

  /**
   * Creates the error.
   *
   * @param name The exception's name.
   * @param serviceMessage The service's text; must contain no secret.
   * @param context Where and how it was received.
   */
  constructor(name: string, serviceMessage: string, context: ServiceExceptionContext) {
    const remedy = REMEDIES.get(name);
    const what = `${context.host} answered ${name} (status ${context.status})`;
    super(
      [
        serviceMessage === "" ? what : `${what}: ${serviceMessage}`,
        context.clockWords ?? describeClockSkew(context.clockSkewMs),
        remedy ?? "",
      ].filter((part) => part !== "").join("; "),
      { retryable: context.retryable ?? remedy === undefined },
    );
    this.name = name;
    this.serviceMessage = serviceMessage;
    this.host = context.host;
    this.status = context.status;
    this.clockSkewMs = context.clockSkewMs;
    this.cluster = context.cluster;
  }
}

/**
 * The clock skew that may be corrected because of an error: only a refusal that names an exception
 * of ECS or ACS shows the clock with which signatures are checked. A proxy's `Date` shows its own.
 *
 * @param error The error from an attempt.
 * @returns How far the service's clock is ahead of the local one, in ms; `undefined` for any other
 * error.
 */
export function serviceClockSkew(error: unknown): number | undefined {
  if (!isServiceException(error) || !isAwsExceptionName(error.name)) return undefined;
  const skewMs = safeGet(error, "clockSkewMs");
  return typeof skewMs === "number" ? skewMs : undefined;
}

/**
 * Whether an error is a {@linkcode ServiceException}, from this copy of the package or from another
 * one. Its name is the service's own, so it is recognized by its fields.
 */
export function isServiceException(
  error: unknown,
): error is Pick<ServiceException, "name" | "serviceMessage" | "host" | "status"> {
  return safeText(error, "name") !== undefined && safeText(error, "serviceMessage") !== undefined &&
    safeText(error, "host") !== undefined && typeof safeGet(error, "status") === "number";
}
