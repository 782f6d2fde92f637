/**
 * OpenTelemetry's Node SDK in the process of a session: `opentelemetry.js before|after|late`, which
 * registers it before the session is created, afterwards, or once it is connected.
 *
 * @module
 */

import assert from "node:assert/strict";
import process from "node:process";
import { playSession } from "./play_session.ts";

/** The part of the SDK that is used here; the packages differ from version to version. */
interface Sdk {
  start(): void;
  shutdown(): Promise<void>;
}

const sdkPackage = "@opentelemetry/sdk-node";
const metricsPackage = "@opentelemetry/sdk-metrics";
const { NodeSDK } = await import(sdkPackage);
const { AggregationTemporality, InMemoryMetricExporter, PeriodicExportingMetricReader } =
  await import(metricsPackage);

const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
const spans: string[] = [];
const done = () => Promise.resolve();
const processor = {
  onStart() {},
  onEnd: ({ name }: { name: string }) => void spans.push(name),
  forceFlush: done,
  shutdown: done,
};
const options = {
  metricReaders: [reader],
  spanProcessors: [processor],
  autoDetectResources: false,
  instrumentations: [],
};

/** The names of all instruments that have measured something. */
function measured(): string[] {
  const scopes: { metrics: { descriptor: { name: string } }[] }[] = exporter.getMetrics()
    .flatMap(({ scopeMetrics }: { scopeMetrics: [] }) => scopeMetrics);
  return scopes.flatMap(({ metrics }) => metrics.map(({ descriptor }) => descriptor.name));
}

const when = process.argv[2];
const sdk: Sdk = new NodeSDK(options);
if (when === "before") sdk.start();
await playSession({
  beforeStart: () => when === "after" && sdk.start(),
  whileConnected: () => when === "late" && sdk.start(),
});
await reader.forceFlush();
const names = measured();
await sdk.shutdown();
for (const name of ["acs.connect.duration", "acs.message.duration", "acs.disconnect"]) {
  assert.ok(names.includes(name), `${name} is missing in ${names}`);
}
assert.ok(spans.includes("acs.connect"), `acs.connect is missing in ${spans}`);
