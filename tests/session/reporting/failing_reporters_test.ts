/** Log, metrics and tracing fail in every place: the session continues as if they did not. */

import assert from "node:assert/strict";
import { configure, getLogger, type LogRecord, reset } from "@logtape/logtape";
import { metrics, trace } from "@opentelemetry/api";
import { ConnectError } from "../../../errors.ts";
import { withCapturedLog } from "../../testing/fakes/captured_log.ts";
import { until } from "../../testing/fakes/fake_time.ts";
import { ARNS, withSession } from "../../testing/fakes/session_stage.ts";
import { test } from "../../testing/test.ts";

function fail(): never {
  throw new Error("the reporter failed");
}

/** A session that uses all logs, metrics and spans, and stops cleanly. */
function liveThroughEverything(): Promise<void> {
  return withSession({
    payloadMessageHandler: { processMessage: (_message, ack) => ack() },
  }, async (stage) => {
    stage.transport.plan = [
      { kind: "fail", error: new ConnectError("down") },
      { kind: "accept" },
    ];
    stage.session.addEventListener("connected", fail);
    stage.start();
    await until(() => stage.eventsOf("waiting").length === 1, "it waits");
    await stage.time.advance(250);
    const connection = await stage.connected(1);
    connection.frame("not JSON");
    connection.message("PayloadMessage", { messageId: "p1", ...ARNS });
    await until(() => stage.eventsOf("sent").length === 1, "the payload is acknowledged");
    connection.end({ kind: "eof" });
    await stage.connected(2);
    assert.equal(stage.session.health().ready, true);
    assert.equal(await stage.stop(), undefined);
    assert.equal(stage.session.state.status, "stopped");
  });
}

test("A log filter that throws does not prevent the session from connecting and acknowledging", async () => {
  let isBroken = false;
  await configure({
    reset: true,
    sinks: { all: () => {} },
    filters: { broken: () => isBroken ? fail() : true },
    // For LogTape's own reports, too.
    loggers: [{ category: [], sinks: ["all"], filters: ["broken"], lowestLevel: "trace" }],
  });
  isBroken = true;
  try {
    await liveThroughEverything();
  } finally {
    isBroken = false;
    await reset();
  }
});

test("A log filter that throws is reported where LogTape reports its own failures", async () => {
  const reported: LogRecord[] = [];
  await configure({
    reset: true,
    sinks: { all: () => {}, meta: (record) => reported.push(record) },
    filters: { broken: fail },
    loggers: [
      { category: ["acs"], sinks: ["all"], filters: ["broken"], lowestLevel: "info" },
      { category: ["logtape", "meta"], sinks: ["meta"], lowestLevel: "warning" },
    ],
  });
  try {
    await liveThroughEverything();
    assert.match(reported[0]?.message.join("") ?? "", /acs\.session.*the reporter failed/);
  } finally {
    await reset();
  }
});

test("A log sink that throws does not prevent the session from connecting and acknowledging", async () => {
  await configure({
    reset: true,
    sinks: { broken: fail },
    loggers: [{ category: [], sinks: ["broken"], lowestLevel: "trace" }],
  });
  try {
    await liveThroughEverything();
  } finally {
    await reset();
  }
});

test("A logger without the methods of this version does not prevent the session from running", async () => {
  // Copies of LogTape share the logger of the copy that was loaded first, whatever its version.
  const shared: object = getLogger(["acs", "session"]);
  for (const missing of ["isEnabledFor", "debug", "info", "warn", "error"]) {
    Object.defineProperty(shared, missing, { value: undefined, configurable: true });
    try {
      await liveThroughEverything();
    } finally {
      Reflect.deleteProperty(shared, missing);
    }
  }
});

const instrument = { add: fail, record: fail };
const span = { setStatus: fail, end: fail, spanContext: fail };

/** Each is broken in one place. */
const METER_PROVIDERS: Readonly<Record<string, object>> = {
  "a meter provider that throws": { getMeter: fail },
  "a meter provider that returns nothing": { getMeter: () => undefined },
  "a meter that throws": { getMeter: () => ({ createCounter: fail, createHistogram: fail }) },
  "instruments that throw": {
    getMeter: () => ({ createCounter: () => instrument, createHistogram: () => instrument }),
  },
};

const TRACER_PROVIDERS: Readonly<Record<string, object>> = {
  "a tracer provider that throws": { getTracer: fail },
  "a tracer that throws": { getTracer: () => ({ startSpan: fail }) },
  "a tracer that returns nothing": { getTracer: () => ({ startSpan: () => undefined }) },
  "spans that throw": { getTracer: () => ({ startSpan: () => span }) },
};

for (const [what, provider] of Object.entries(METER_PROVIDERS)) {
  test(`The session works with ${what}, and logs it once for each instrument`, () =>
    withCapturedLog(async (log) => {
      // By `Reflect`, since the types allow no broken ones.
      Reflect.apply(metrics.setGlobalMeterProvider, metrics, [provider]);
      try {
        await liveThroughEverything();
      } finally {
        metrics.disable();
      }
      const reports = log.text().match(/OpenTelemetry failed to record the metric [a-z.]+/g) ?? [];
      assert.ok(reports.length > 1);
      assert.equal(new Set(reports).size, reports.length);
    }));
}

test("An SDK registered with another copy of the API, which this package ignores, is logged once", () =>
  withCapturedLog(async (log) => {
    const registry = Symbol.for("opentelemetry.js.api.1");
    const before: unknown = Reflect.get(globalThis, registry);
    Reflect.set(globalThis, registry, { version: "1.0.0", metrics: { getMeter: fail } });
    try {
      await liveThroughEverything();
    } finally {
      Reflect.set(globalThis, registry, before);
    }
    const reports = log.text().match(/registered with @opentelemetry\/api 1\.0\.0/g) ?? [];
    assert.equal(reports.length, 1);
  }));

for (const [what, provider] of Object.entries(TRACER_PROVIDERS)) {
  test(`The session works with ${what}`, async () => {
    Reflect.apply(trace.setGlobalTracerProvider, trace, [provider]);
    try {
      await liveThroughEverything();
    } finally {
      trace.disable();
    }
  });
}
