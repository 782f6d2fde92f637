/** The metrics that are recorded with an SDK registered as in an application. */

import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { type Context, context, metrics, ROOT_CONTEXT, trace } from "@opentelemetry/api";
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import {
  InMemorySpanExporter,
  SimpleSpanProcessor,
  TracerProvider,
} from "@opentelemetry/sdk-trace";
import { ConnectError } from "../../../errors.ts";
import { VERSION } from "../../../internal/version.ts";
import { turns, until } from "../../testing/fakes/fake_time.ts";
import { ARNS, withSession } from "../../testing/fakes/session_stage.ts";
import { test } from "../../testing/test.ts";

/** The instruments' data points as `name{attributes}` with their count or sum. */
async function withMeter(
  fn: (collect: () => Promise<Map<string, number>>) => Promise<void>,
): Promise<void> {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  const provider = new MeterProvider({ readers: [reader] });
  metrics.setGlobalMeterProvider(provider);
  try {
    await fn(async () => {
      const { resourceMetrics } = await reader.collect();
      const points = new Map<string, number>();
      for (
        const { descriptor, dataPoints } of resourceMetrics.scopeMetrics.flatMap((s) => s.metrics)
      ) {
        for (const { attributes, value } of dataPoints) {
          const text = Object.entries(attributes).map(([key, each]) => `${key}=${each}`).join();
          points.set(
            `${descriptor.name}{${text}}`,
            typeof value === "number" ? value : Number(value.count),
          );
        }
      }
      return points;
    });
  } finally {
    metrics.disable();
    await provider.shutdown();
  }
}

/** An SDK that records the names of the instruments used. */
function noteUsed(): { readonly provider: object; readonly used: Set<string> } {
  const used = new Set<string>();
  const make = (name: string) => ({ add: () => used.add(name), record: () => used.add(name) });
  return { used, provider: { getMeter: () => ({ createCounter: make, createHistogram: make }) } };
}

test("An SDK registered after the session was created gets its metrics, and so does one that replaces it", () =>
  withSession({}, async (stage) => {
    const [first, second] = [noteUsed(), noteUsed()];
    // By `Reflect`, since this is not a complete SDK.
    const register = (provider: object) =>
      Reflect.apply(metrics.setGlobalMeterProvider, metrics, [provider]);
    try {
      register(first.provider);
      stage.start();
      await stage.connected(1);
      assert.deepEqual([...first.used], ["acs.discover", "acs.connect.duration"]);
      metrics.disable();
      register(second.provider);
      stage.transport.connection.end({ kind: "eof" });
      await stage.connected(2);
      assert.ok(second.used.has("acs.disconnect"));
      assert.equal(first.used.size, 2);
    } finally {
      metrics.disable();
    }
  }));

test("Discoveries, connects, ends, messages and drops are measured, each with its outcome", () =>
  withMeter((collect) =>
    withSession({
      payloadMessageHandler: { processMessage: (_message, ack) => ack() },
      taskStopper: { stopTask() {} },
      manifestMessageIdAccessor: { getMessageId: () => "m1", setMessageId() {} },
    }, async (stage) => {
      stage.transport.plan = [
        { kind: "fail", error: new ConnectError("down") },
        { kind: "accept" },
      ];
      stage.start();
      await until(() => stage.eventsOf("waiting").length === 1, "it waits");
      await stage.time.advance(250);
      const connection = await stage.connected(1);
      connection.message("PayloadMessage", { messageId: "p1", ...ARNS });
      connection.message("PayloadMessage", { messageId: "" });
      connection.message("TaskStopVerificationAck", {
        messageId: "m1",
        stopTasks: [{ taskArn: "a" }, { taskArn: "b" }],
      });
      connection.frame("not JSON");
      await turns(5);
      connection.end({ kind: "eof" });
      await stage.connected(2);

      const points = await collect();
      const expected = {
        "acs.discover{acs.outcome=success}": 1,
        "acs.connect.duration{server.address=acs.example,acs.outcome=failure,error.type=ACS-N07}":
          1,
        "acs.connect.duration{server.address=acs.example,acs.outcome=success}": 2,
        "acs.disconnected.duration{}": 1,
        "acs.disconnect{acs.connection.end=eof}": 1,
        "acs.message.duration{acs.message.type=PayloadMessage,acs.outcome=success}": 1,
        "acs.message.duration{acs.message.type=PayloadMessage,acs.outcome=invalid}": 1,
        "acs.message.duration{acs.message.type=TaskStopVerificationAck,acs.outcome=success}": 1,
        "acs.message.dropped{acs.drop.reason=invalid}": 1,
        "acs.message.dropped{acs.drop.reason=undecodable}": 1,
        "acs.task.stopped{}": 2,
      };
      assert.deepEqual(
        Object.fromEntries(Object.keys(expected).map((name) => [name, points.get(name)])),
        expected,
      );
    })
  ));

test("An ongoing failure is counted once a minute", () =>
  withMeter((collect) =>
    withSession({}, async (stage) => {
      stage.transport.plan = [{ kind: "fail", error: new ConnectError("down") }];
      stage.start();
      await until(() => stage.eventsOf("waiting").length === 1, "it waits");
      for (let second = 0; second < 125; second++) await stage.time.advance(1000);
      assert.equal((await collect()).get("acs.failing{acs.stage=connect}"), 2);
    })
  ));

test("Discovering and connecting are spans, and a failed span contains only the error's name", async () => {
  const exporter = new InMemorySpanExporter();
  const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });
  trace.setGlobalTracerProvider(provider);
  try {
    await withSession({}, async (stage) => {
      stage.transport.plan = [
        { kind: "fail", error: new ConnectError("down") },
        { kind: "accept" },
      ];
      stage.start();
      await until(() => stage.eventsOf("waiting").length === 1, "it waits");
      await stage.time.advance(250);
      await stage.connected(1);
      const spans = exporter.getFinishedSpans();
      assert.deepEqual(spans.map(({ name, status }) => [name, status.message]), [
        ["acs.discover", undefined],
        ["acs.connect", "ConnectError"],
        ["acs.connect", undefined],
      ]);
    });
  } finally {
    trace.disable();
    await provider.shutdown();
  }
});

test("Durations are in seconds, counters have UCUM units, and meter and tracer have the package's version", async () => {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  const meterProvider = new MeterProvider({ readers: [reader] });
  try {
    await withSession({ meterProvider }, async (stage) => {
      stage.start();
      const connection = await stage.connected(1);
      connection.message("HeartbeatMessage", { messageId: "h1" });
      connection.end({ kind: "eof" });
      await stage.connected(2);
      const { resourceMetrics: { scopeMetrics } } = await reader.collect();
      assert.deepEqual(scopeMetrics.map(({ scope }) => [scope.name, scope.version]), [
        ["@acs/session", VERSION],
      ]);
      const units = scopeMetrics.flatMap((scope) => scope.metrics).map(({ descriptor }) => [
        descriptor.name,
        descriptor.unit,
      ]);
      assert.deepEqual(Object.fromEntries(units), {
        "acs.discover": "{call}",
        "acs.connect.duration": "s",
        "acs.disconnected.duration": "s",
        "acs.disconnect": "{connection}",
        "acs.message.duration": "s",
      });
    });
  } finally {
    await meterProvider.shutdown();
  }
});

test("Spans that start within discovery and connecting are their children, and handlers and listeners run outside of both", async () => {
  const exporter = new InMemorySpanExporter();
  const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });
  const storage = new AsyncLocalStorage<Context>();
  trace.setGlobalTracerProvider(provider);
  // By `Reflect`, since this is not a complete context manager.
  Reflect.apply(context.setGlobalContextManager, context, [{
    active: () => storage.getStore() ?? ROOT_CONTEXT,
    with: (active: Context, fn: () => unknown) => storage.run(active, fn),
    disable: () => storage.disable(),
  }]);
  const tracer = trace.getTracer("agent");
  let handledIn: unknown = "nothing was handled";
  let suspendedIn: unknown = "no suspension was reported";
  try {
    await withSession({
      fetch: () => {
        tracer.startSpan("request").end();
        return Promise.resolve(Response.json({ endpoint: "https://acs.example/" }));
      },
      payloadMessageHandler: {
        processMessage() {
          handledIn = trace.getActiveSpan();
        },
      },
    }, async (stage) => {
      stage.start();
      const connection = await stage.connected(1);
      const connect = exporter.getFinishedSpans().find(({ name }) => name === "acs.connect");
      assert.ok(connect);
      // Like a socket that was opened within the span.
      const receive = (type: string, message: object) =>
        context.with(
          trace.setSpanContext(ROOT_CONTEXT, connect.spanContext()),
          () => connection.message(type, message),
        );
      receive("PayloadMessage", { messageId: "p1", ...ARNS });
      await turns(3);
      assert.equal(handledIn, undefined);
      stage.session.addEventListener("suspended", () => suspendedIn = trace.getActiveSpan());
      await stage.time.advance(2000);
      stage.time.setSystemTime(Date.now() + 60_000);
      receive("HeartbeatMessage", {});
      await stage.time.advance(100);
      assert.equal(suspendedIn, undefined);
      const spans = exporter.getFinishedSpans();
      const request = spans.find(({ name }) => name === "request");
      const discover = spans.find(({ name }) => name === "acs.discover");
      assert.ok(discover);
      assert.equal(request?.parentSpanContext?.spanId, discover.spanContext().spanId);
    });
  } finally {
    trace.disable();
    context.disable();
    await provider.shutdown();
  }
});
