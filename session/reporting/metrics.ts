/**
 * The session's metrics, recorded with `@opentelemetry/api`: no-ops until the application registers
 * an SDK. docs/metrics.md lists each instrument with the reference agent's metric.
 *
 * @module
 */

import { VERSION } from "../../internal/version.ts";
import type {
  InstrumentOptions,
  MetricCounter,
  MetricHistogram,
  SessionMeter,
  SessionMeterProvider,
} from "./meter_provider.ts";
import { loadedOpenTelemetry, loadOpenTelemetry } from "./opentelemetry.ts";
import { reportTelemetryFailure, TELEMETRY_SCOPE } from "./telemetry.ts";

/** The instruments of all sessions. None throws, whatever the SDK does. */
export interface SessionMetrics {
  /** DiscoverPollEndpoint calls, by outcome. */
  readonly discoveries: MetricCounter;
  /** How long connecting took, in s, by outcome. */
  readonly connectDuration: MetricHistogram;
  /** How long the session was without a connection, in s. */
  readonly disconnectedDuration: MetricHistogram;
  /** Ended connections, by kind of end. */
  readonly disconnects: MetricCounter;
  /** How long messages took to handle, in s, by type and outcome. */
  readonly messageDuration: MetricHistogram;
  /** Messages that will not be answered, by reason. */
  readonly dropped: MetricCounter;
  /** Tasks stopped on the service's verification. */
  readonly tasksStopped: MetricCounter;
  /** Lanes found to be unhealthy, by lane and problem (`stuck`, `backlogged`, `overflowed`). */
  readonly unhealthyLanes: MetricCounter;
  /** Ongoing failures, counted once a minute, by stage (`discover`, `connect`). */
  readonly lastingFailures: MetricCounter;
}

/**
 * Bucket boundaries, in s: those that the semantic conventions advise for HTTP, up to the longest that
 * connecting takes.
 */
const CONNECT_BUCKETS = [
  0.005,
  0.01,
  0.025,
  0.05,
  0.075,
  0.1,
  0.25,
  0.5,
  0.75,
  1,
  2.5,
  5,
  7.5,
  10,
  30,
];

/** From an immediate reconnect to the hour that a deregistered instance waits, in s. */
const DISCONNECTED_BUCKETS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 3600];

/** From an immediate answer to a handler that counts as stuck, in s. */
const MESSAGE_BUCKETS = [0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60];

let sharedMetrics: SessionMetrics | undefined;

/**
 * The instruments. All sessions share those of the globally registered provider.
 *
 * @param given Creates them. Default: the provider that is registered at the time of use.
 */
export function sessionMetrics(given?: SessionMeterProvider): SessionMetrics {
  if (given !== undefined) return createMetrics(() => given);
  sharedMetrics ??= createMetrics(() => loadedOpenTelemetry()?.metrics.getMeterProvider());
  return sharedMetrics;
}

/** The provider to use now; `undefined` if the API of OpenTelemetry has not been loaded. */
type ProviderSource = () => SessionMeterProvider | undefined;

function createMetrics(source: ProviderSource): SessionMetrics {
  const counter = (name: string, unit: string, description: string) =>
    createCounter(name, { unit, description }, source);
  const histogram = (name: string, explicitBucketBoundaries: number[], description: string) =>
    createHistogram(name, { unit: "s", description, advice: { explicitBucketBoundaries } }, source);
  return {
    discoveries: counter("acs.discover", "{call}", "DiscoverPollEndpoint calls"),
    connectDuration: histogram(
      "acs.connect.duration",
      CONNECT_BUCKETS,
      "Time to open a connection",
    ),
    disconnectedDuration: histogram(
      "acs.disconnected.duration",
      DISCONNECTED_BUCKETS,
      "Time without a connection",
    ),
    disconnects: counter("acs.disconnect", "{connection}", "Ended connections"),
    messageDuration: histogram("acs.message.duration", MESSAGE_BUCKETS, "Time to handle a message"),
    dropped: counter("acs.message.dropped", "{message}", "Messages that are not answered"),
    tasksStopped: counter(
      "acs.task.stopped",
      "{task}",
      "Tasks stopped on the service's verification",
    ),
    unhealthyLanes: counter(
      "acs.lane.unhealthy",
      "{lane}",
      "Lanes that became stuck, backlogged or full",
    ),
    lastingFailures: counter(
      "acs.failing",
      "{minute}",
      "Minutes for which discovery or connecting has been failing",
    ),
  };
}

function createCounter(
  name: string,
  options: InstrumentOptions,
  source: ProviderSource,
): MetricCounter {
  const instrument = new Instrument(name, (meter) => meter.createCounter(name, options), source);
  return {
    add: (value, attributes) => instrument.use((counter) => counter.add(value, attributes)),
  };
}

function createHistogram(
  name: string,
  options: InstrumentOptions,
  source: ProviderSource,
): MetricHistogram {
  const instrument = new Instrument(name, (meter) => meter.createHistogram(name, options), source);
  return {
    record: (value, attributes) =>
      instrument.use((histogram) => histogram.record(value, attributes)),
  };
}

/**
 * An instrument of the SDK that is registered at the time of use. OpenTelemetry's instruments stay
 * what they were when they were created, which is a no-op without an SDK; applications create a
 * session before or after they register one.
 */
class Instrument<T> {
  readonly #name: string;
  readonly #make: (meter: SessionMeter) => T;
  readonly #source: ProviderSource;
  #made: { readonly provider: SessionMeterProvider; readonly instrument: T } | undefined;
  /** The provider whose last measurement failed: its failure has been reported. */
  #failing: SessionMeterProvider | undefined;

  constructor(name: string, make: (meter: SessionMeter) => T, source: ProviderSource) {
    this.#name = name;
    this.#make = make;
    this.#source = source;
  }

  use(measure: (instrument: T) => void): void {
    let provider: SessionMeterProvider | undefined;
    try {
      provider = this.#source();
      // Measurements taken before the API is loaded are recorded afterwards.
      if (provider === undefined) {
        return void loadOpenTelemetry()?.then((api) => api && this.use(measure));
      }
      if (this.#made?.provider !== provider) {
        const meter = provider.getMeter(TELEMETRY_SCOPE, VERSION);
        this.#made = { provider, instrument: this.#make(meter) };
      }
      measure(this.#made.instrument);
      this.#failing = undefined;
    } catch (error) {
      if (provider === undefined || this.#failing !== provider) {
        reportTelemetryFailure(`the metric ${this.#name}`, error);
      }
      this.#failing = provider;
    }
  }
}
