/**
 * What is measured, by `@opentelemetry/api`: free as long as the application registers no SDK.
 * docs/metrics.md lists each instrument beside the reference agent's metric.
 *
 * @module
 */

import {
  type Attributes,
  type Counter,
  type Histogram,
  metrics,
  type Span,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";

const NAME = "@acs/session";

/** The instruments of one session. */
export interface SessionMetrics {
  /** DiscoverPollEndpoint calls, by `outcome` (`success`, `failure`). */
  readonly discoveries: Counter;
  /** How long connecting took, in ms, by `outcome` (`success`, `failure`). */
  readonly connectDuration: Histogram;
  /** How long the session was without a connection, in ms. */
  readonly disconnectedDuration: Histogram;
  /** Connections that have ended, by `end`. */
  readonly disconnects: Counter;
  /** How long messages took to handle, in ms, by `type` and `outcome`. */
  readonly messageDuration: Histogram;
  /** Messages that will not be answered, by `reason`. */
  readonly dropped: Counter;
  /** Tasks stopped on the service's verification. */
  readonly tasksStopped: Counter;
  /** Failures of `stage` (`discover`, `connect`) that have lasted, once a minute. */
  readonly lastingFailures: Counter;
}

/** Makes the instruments. */
export function sessionMetrics(): SessionMetrics {
  const meter = metrics.getMeter(NAME);
  return {
    discoveries: meter.createCounter("acs.discover", {
      description: "DiscoverPollEndpoint calls, by outcome",
    }),
    connectDuration: meter.createHistogram("acs.connect.duration", {
      description: "Time to open a connection, by outcome",
      unit: "ms",
    }),
    disconnectedDuration: meter.createHistogram("acs.disconnected.duration", {
      description: "Time without a connection",
      unit: "ms",
    }),
    disconnects: meter.createCounter("acs.disconnect", {
      description: "Connections that have ended, by how",
    }),
    messageDuration: meter.createHistogram("acs.message.duration", {
      description: "Time to handle a message, by type and outcome",
      unit: "ms",
    }),
    dropped: meter.createCounter("acs.message.dropped", {
      description: "Messages that are not answered, by reason",
    }),
    tasksStopped: meter.createCounter("acs.task.stopped", {
      description: "Tasks stopped on the service's verification",
    }),
    lastingFailures: meter.createCounter("acs.failing", {
      description: "Failures that have lasted for a minute or more, by stage",
    }),
  };
}

/**
 * Runs work inside a span.
 *
 * @param name The span's name.
 * @param attributes Its attributes.
 * @param work The work.
 * @returns What the work returns.
 * @throws What the work throws; the span tells of it.
 */
export async function traced<T>(
  name: string,
  attributes: Attributes,
  work: () => Promise<T>,
): Promise<T> {
  const span: Span = trace.getTracer(NAME).startSpan(name, { attributes });
  try {
    return await work();
  } catch (error) {
    span.setStatus({
      code: SpanStatusCode.ERROR,
      message: error instanceof Error ? error.name : typeof error,
    });
    throw error;
  } finally {
    span.end();
  }
}
