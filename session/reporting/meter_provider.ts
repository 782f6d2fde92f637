/**
 * The part of OpenTelemetry's metrics API that a session uses: every `MeterProvider` of
 * `@opentelemetry/api` has it.
 *
 * @module
 */

/** Attributes of a measurement. */
export interface MetricAttributes {
  /** A value by the attribute's name. */
  readonly [name: string]: string | number | boolean | undefined;
}

/** How an instrument is created. */
export interface InstrumentOptions {
  /** What it measures. */
  readonly description?: string;
  /** Its unit, in UCUM. */
  readonly unit?: string;
  /** How a histogram is best aggregated. */
  readonly advice?: {
    /** The boundaries of its buckets, in its unit. */
    readonly explicitBucketBoundaries?: number[];
  };
}

/** Counts. */
export interface MetricCounter {
  /** Adds to the count. */
  add(value: number, attributes?: MetricAttributes): void;
}

/** Records a distribution. */
export interface MetricHistogram {
  /** Records one value. */
  record(value: number, attributes?: MetricAttributes): void;
}

/** Creates instruments. */
export interface SessionMeter {
  /** Creates a counter. */
  createCounter(name: string, options?: InstrumentOptions): MetricCounter;
  /** Creates a histogram. */
  createHistogram(name: string, options?: InstrumentOptions): MetricHistogram;
}

/** Creates meters: a `MeterProvider` of OpenTelemetry's. */
export interface SessionMeterProvider {
  /** The meter of a package. */
  getMeter(name: string, version?: string): SessionMeter;
}
