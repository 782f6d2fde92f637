/**
 * What is measured, with `@opentelemetry/api`: no-ops until the application registers an SDK.
 * docs/metrics.md lists each instrument with the reference agent's metric.
 *
 * @module
 */

import {
  type Counter,
  type Histogram,
  type Meter,
  type MeterProvider,
  metrics,
} from "@opentelemetry/api";
import { reportTelemetryFailure, TELEMETRY_SCOPE } from "./telemetry.ts";

/** Counts. Never throws, whatever the SDK does. */
export type SafeCounter = Pick<Counter, "add">;

/** Records a duration. Never throws, whatever the SDK does. */
export type SafeHistogram = Pick<Histogram, "record">;

/** The instruments of all sessions. */
export interface SessionMetrics {
  /** DiscoverPollEndpoint calls, by `outcome` (`success`, `failure`). */
  readonly discoveries: SafeCounter;
  /** How long connecting took, in ms, by `outcome` (`success`, `failure`). */
  readonly connectDuration: SafeHistogram;
  /** How long the session was without a connection, in ms. */
  readonly disconnectedDuration: SafeHistogram;
  /** Connections that have ended, by `end`. */
  readonly disconnects: SafeCounter;
  /** How long messages took to handle, in ms, by `type` and `outcome`. */
  readonly messageDuration: SafeHistogram;
  /** Messages that will not be answered, by `reason`. */
  readonly dropped: SafeCounter;
  /** Tasks stopped on the service's verification. */
  readonly tasksStopped: SafeCounter;
  /** Lanes found to be unhealthy, by `lane` and `reason` (`stuck`, `backlogged`, `overflowed`). */
  readonly unhealthyLanes: SafeCounter;
  /** Ongoing failures of `stage` (`discover`, `connect`), counted once a minute. */
  readonly lastingFailures: SafeCounter;
}

let sharedMetrics: SessionMetrics | undefined;

/** The instruments, which all sessions share. */
export function sessionMetrics(): SessionMetrics {
  sharedMetrics ??= createMetrics();
  return sharedMetrics;
}

function createMetrics(): SessionMetrics {
  return {
    discoveries: counter("acs.discover", "DiscoverPollEndpoint calls, by outcome"),
    connectDuration: histogram("acs.connect.duration", "Time to open a connection, by outcome"),
    disconnectedDuration: histogram("acs.disconnected.duration", "Time without a connection"),
    disconnects: counter("acs.disconnect", "Ended connections, by kind of end"),
    messageDuration: histogram(
      "acs.message.duration",
      "Time to handle a message, by type and outcome",
    ),
    dropped: counter("acs.message.dropped", "Messages that are not answered, by reason"),
    tasksStopped: counter("acs.task.stopped", "Tasks stopped on the service's verification"),
    unhealthyLanes: counter(
      "acs.lane.unhealthy",
      "Lanes that are stuck, backlogged or full, by lane and reason",
    ),
    lastingFailures: counter(
      "acs.failing",
      "Failures that have lasted for a minute or more, by stage",
    ),
  };
}

function counter(name: string, description: string): SafeCounter {
  const make = (meter: Meter) => meter.createCounter(name, { description });
  const instrument = new Instrument(name, make);
  return {
    add: (value, attributes) => instrument.use((counter) => counter.add(value, attributes)),
  };
}

function histogram(name: string, description: string): SafeHistogram {
  const make = (meter: Meter) => meter.createHistogram(name, { description, unit: "ms" });
  const instrument = new Instrument(name, make);
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
  readonly #make: (meter: Meter) => T;
  #made: { readonly provider: MeterProvider; readonly instrument: T } | undefined;
  /** The provider whose last measurement failed: its failure has been reported. */
  #failing: MeterProvider | undefined;

  constructor(name: string, make: (meter: Meter) => T) {
    this.#name = name;
    this.#make = make;
  }

  use(measure: (instrument: T) => void): void {
    let provider: MeterProvider | undefined;
    try {
      provider = metrics.getMeterProvider();
      if (this.#made?.provider !== provider) {
        this.#made = { provider, instrument: this.#make(provider.getMeter(TELEMETRY_SCOPE)) };
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
