/**
 * The session's traces, recorded with `@opentelemetry/api`: no-ops until the application registers
 * an SDK.
 *
 * @module
 */

import type { Attributes, Span } from "@opentelemetry/api";
import { safeText } from "../../internal/safe_get.ts";
import { VERSION } from "../../internal/version.ts";
import { loadedOpenTelemetry, loadOpenTelemetry, type OpenTelemetryApi } from "./opentelemetry.ts";
import { errorType, reportTelemetryFailure, TELEMETRY_SCOPE } from "./telemetry.ts";

/**
 * Runs work inside a span, which is active meanwhile: spans that the work starts are its children.
 * Whatever the SDK throws is logged and does not affect the work.
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
  const api = await loadOpenTelemetry();
  if (api === undefined) return await work();
  const span = guarded(
    name,
    () =>
      api.trace.getTracer(TELEMETRY_SCOPE, VERSION)
        .startSpan(name, { kind: api.SpanKind.CLIENT, attributes }),
  );
  try {
    return await withActive(api, name, span, work);
  } catch (error) {
    guarded(name, () => setFailed(api, span, error));
    throw error;
  } finally {
    guarded(name, () => span?.end());
  }
}

/** Starts the work exactly once, whatever the SDK's context manager does. */
function withActive<T>(
  { context, trace }: OpenTelemetryApi,
  name: string,
  span: Span | undefined,
  work: () => Promise<T>,
): Promise<T> {
  if (span === undefined) return work();
  let started: Promise<T> | undefined;
  const start = () => started ??= begin(work);
  guarded(name, () => context.with(trace.setSpan(context.active(), span), start));
  return started ?? start();
}

/** A synchronous error in the work becomes a rejection. */
async function begin<T>(work: () => Promise<T>): Promise<T> {
  return await work();
}

/**
 * Runs work outside of any span. Events of a socket are reported in the context in which the socket
 * was opened, but they do not belong to the connection attempt, which ended long ago.
 *
 * @param work The work; it must not throw.
 */
export function outsideSpans(work: () => void): void {
  // Without the API there are no spans.
  const api = loadedOpenTelemetry();
  if (api === undefined) return work();
  const { context, trace } = api;
  const active = guarded("the active one", () => trace.getActiveSpan());
  if (active === undefined) return work();
  let hasRun = false;
  guarded("the active one", () =>
    context.with(trace.deleteSpan(context.active()), () => {
      hasRun = true;
      work();
    }));
  if (!hasRun) work();
}

function setFailed(
  { SpanStatusCode }: OpenTelemetryApi,
  span: Span | undefined,
  error: unknown,
): void {
  span?.setAttribute("error.type", errorType(error));
  span?.setStatus({ code: SpanStatusCode.ERROR, message: safeText(error, "name") ?? typeof error });
}

function guarded<T>(name: string, call: () => T): T | undefined {
  try {
    return call();
  } catch (error) {
    reportTelemetryFailure(`the span ${name}`, error);
    return undefined;
  }
}
