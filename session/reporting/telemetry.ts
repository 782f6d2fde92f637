/**
 * Definitions shared by metrics and traces. An SDK, and what an application adds to it, can throw:
 * that is logged, and the session continues.
 *
 * @module
 */

import { safeGet, safeText } from "../../internal/safe_get.ts";
import { describeError } from "../../internal/redaction/describe_error.ts";
import { logger } from "./log.ts";
import type { MetricAttributes } from "./meter_provider.ts";
import { loadedOpenTelemetry, openTelemetryRegistry } from "./opentelemetry.ts";

/** The name of this package's meter and tracer; both have the package's version. */
export const TELEMETRY_SCOPE = "@acs/session";

/**
 * The attributes of a host, by the semantic conventions.
 *
 * @param host A host's name, with a port where it has one.
 */
export function serverAttributes(host: string): MetricAttributes {
  const url = URL.canParse(`http://${host}`) ? new URL(`http://${host}`) : undefined;
  if (url === undefined) return { "server.address": host };
  const address = url.hostname.replace(/^\[(.*)\]$/, "$1");
  return url.port === "" ? { "server.address": address } : {
    "server.address": address,
    "server.port": Number(url.port),
  };
}

/**
 * The attributes of an outcome, by the semantic conventions.
 *
 * @param error Why it failed; `undefined` for a success.
 */
export function outcomeAttributes(error: unknown): MetricAttributes {
  if (error === undefined) return { "acs.outcome": "success" };
  return { "acs.outcome": "failure", "error.type": errorType(error) };
}

/** The kind of failure: one of few values, so that each can be counted. */
export function errorType(error: unknown): string {
  return safeText(error, "code") ?? safeText(error, "name") ?? "_OTHER";
}

/** Logs that OpenTelemetry failed to record a metric or a span. */
export function reportTelemetryFailure(what: string, error: unknown): void {
  logger.warn("OpenTelemetry failed to record {what}: {error}", {
    what,
    error: describeError(error),
  });
}

/**
 * Checks whether an SDK is registered that the API ignores, and logs that: a copy of the API
 * silently ignores what a copy with a lower minor version has registered.
 *
 * @returns Whether it has logged that.
 */
export function reportIgnoredSdk(): boolean {
  const api = loadedOpenTelemetry();
  const registry = openTelemetryRegistry();
  const provider = safeGet(registry, "metrics");
  if (api === undefined || provider === undefined) return false;
  if (provider === api.metrics.getMeterProvider()) return false;
  logger.warn(
    "No metrics or spans of this session are recorded: the OpenTelemetry SDK was registered with " +
      "@opentelemetry/api {version}, and the session has loaded another copy of it, which ignores " +
      "that version; install one copy for both",
    { version: safeText(registry, "version") ?? "of another version" },
  );
  return true;
}
