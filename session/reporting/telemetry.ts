/**
 * What metrics and traces have in common. An SDK, and what an application adds to it, can throw: that
 * is logged, and the session goes on.
 *
 * @module
 */

import { describeError } from "../../internal/redaction/describe_error.ts";
import { logger } from "./log.ts";

/** The name of our meter and tracer. */
export const TELEMETRY_SCOPE = "@acs/session";

/** Logs that OpenTelemetry failed to take a metric or a span. */
export function reportTelemetryFailure(what: string, error: unknown): void {
  logger.warn("OpenTelemetry failed to record {what}: {error}", {
    what,
    error: describeError(error),
  });
}
