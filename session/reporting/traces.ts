/**
 * What is traced, with `@opentelemetry/api`: no-ops until the application registers an SDK.
 *
 * @module
 */

import { type Attributes, type Span, SpanStatusCode, trace } from "@opentelemetry/api";
import { safeText } from "../../internal/safe_get.ts";
import { reportTelemetryFailure, TELEMETRY_SCOPE } from "./telemetry.ts";

/**
 * Runs work inside a span. Whatever the SDK throws is logged and does not affect the work.
 *
 * @param name The span's name.
 * @param attributes Its attributes.
 * @param work The work.
 * @returns What the work returns.
 * @throws What the work throws; the span has the error's name.
 */
export async function traced<T>(
  name: string,
  attributes: Attributes,
  work: () => Promise<T>,
): Promise<T> {
  const span = guarded(
    name,
    () => trace.getTracer(TELEMETRY_SCOPE).startSpan(name, { attributes }),
  );
  try {
    return await work();
  } catch (error) {
    guarded(name, () => setFailed(span, error));
    throw error;
  } finally {
    guarded(name, () => span?.end());
  }
}

function setFailed(span: Span | undefined, error: unknown): void {
  const message = safeText(error, "name") ?? typeof error;
  span?.setStatus({ code: SpanStatusCode.ERROR, message });
}

function guarded<T>(name: string, call: () => T): T | undefined {
  try {
    return call();
  } catch (error) {
    reportTelemetryFailure(`the span ${name}`, error);
    return undefined;
  }
}
