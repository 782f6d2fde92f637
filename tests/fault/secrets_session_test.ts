/** Secrets planted in every possible place: none of them is reported, whatever fails. */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { metrics, trace } from "@opentelemetry/api";
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
import type { SessionOptions } from "../../session/options.ts";
import { UpgradeRefusedError } from "../../wsclient/upgrade_refused_error.ts";
import { RECEIVED_MESSAGE_TYPES } from "../../protocol/message_types.ts";
import { SERVICE_EXCEPTION_NAMES } from "../../protocol/exceptions.ts";
import { withCapturedLog } from "../testing/fakes/captured_log.ts";
import { turns, until } from "../testing/fakes/fake_time.ts";
import {
  assertNoSecretIn,
  credentialsWithSecrets,
  INSTANCE_KEYS,
  payloadWithSecrets,
  print,
  printRecord,
} from "../testing/hostile/planted_secrets.ts";
import { type SessionStage, withSession } from "../testing/fakes/session_stage.ts";
import { test } from "../testing/test.ts";

/** Messages that only carry the service's text for humans: these texts are reported. */
const TEXTS: ReadonlySet<string> = new Set([
  "CloseMessage",
  "ErrorMessage",
  ...SERVICE_EXCEPTION_NAMES,
]);

/** Everything that was logged, emitted, measured or traced while `fn` runs. */
async function withEverythingReported(
  options: Partial<SessionOptions>,
  fn: (stage: SessionStage) => Promise<void>,
  check: (reported: string, stage: SessionStage) => void,
): Promise<void> {
  const spans = new InMemorySpanExporter();
  const tracing = new TracerProvider({
    spanProcessors: [new SimpleSpanProcessor({ exporter: spans })],
  });
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  const measuring = new MeterProvider({ readers: [reader] });
  trace.setGlobalTracerProvider(tracing);
  metrics.setGlobalMeterProvider(measuring);
  try {
    await withCapturedLog((log) =>
      withSession({ credentials: INSTANCE_KEYS, ...options }, async (stage) => {
        await fn(stage);
        const { resourceMetrics } = await reader.collect();
        const reported = [
          ...log.records.map(printRecord),
          print(stage.events),
          ...stage.eventsOf("connectfailed").map(({ error }) => `${error.stack} ${print(error)}`),
          print(stage.session),
          print(stage.session.health()),
          print(stage.session.credentialsManager),
          print(resourceMetrics),
          ...spans.getFinishedSpans().map(({ name, attributes, status, events }) =>
            print({ name, attributes, status, events })
          ),
        ].join("\n");
        check(reported, stage);
        const { headers } = stage.transport;
        for (const each of headers) {
          const authorization = each["authorization"];
          const signature = authorization?.match(/Signature=(\w+)/)?.[1];
          assertNoSecretIn(reported, { authorization, signature });
        }
      })
    );
  } finally {
    trace.disable();
    metrics.disable();
    await tracing.shutdown();
    await measuring.shutdown();
  }
}

/** Errors as handlers throw them: containing their whole input, in one form or another. */
const QUOTING: readonly ((value: unknown) => unknown)[] = [
  (value) => new Error(`cannot handle ${JSON.stringify(value)}`),
  (value) =>
    new Error("cannot handle it", { cause: new Error(JSON.stringify(JSON.stringify(value))) }),
  (value) => new AggregateError([new Error(`bad: ${encodeURIComponent(JSON.stringify(value))}`)]),
  (value) => `X-Registry-Auth: ${Buffer.from(JSON.stringify(value)).toString("base64")}`,
  (value) => Object.assign(new Error("cannot handle it"), { name: JSON.stringify(value) }),
  (value) => Object.assign(new Error("cannot handle it"), { code: print(value) }),
  (value) => value,
  (value) => {
    const [container] = Reflect.get(Object(value), "tasks")?.[0]?.containers ?? [];
    return new Error(Object.values(container?.environment ?? {}).join());
  },
];

for (const [index, quote] of QUOTING.entries()) {
  test(`Handlers that fail and quote their message, in form ${index + 1}, report no secret`, () => {
    const fail = (value: unknown): never => {
      throw quote(value);
    };
    return withEverythingReported({
      payloadMessageHandler: { processMessage: fail },
      credentialsMetadataSetter: { setTaskRoleCredentialsMetadata: fail },
      eniHandler: { handleEniAttachment: fail },
      resourceHandler: { handleResourceAttachment: fail },
      taskComparer: { compareRunningTasksOnInstanceWithManifest: fail },
      taskStopper: { stopTask: fail },
      updateHandler: { stageUpdate: fail, performUpdate: fail },
    }, async (stage) => {
      stage.start();
      const connection = await stage.connected();
      for (const type of RECEIVED_MESSAGE_TYPES.filter((type) => !TEXTS.has(type))) {
        connection.message(type, payloadWithSecrets({ messageId: `m-${type}`, timeline: 5 }));
      }
      connection.message("IAMRoleCredentialsMessage", credentialsWithSecrets());
      await turns(20);
    }, (reported, stage) => {
      assert.ok(stage.eventsOf("dropped").some(({ reason }) => reason === "failed"));
      assertNoSecretIn(reported);
    });
  });
}

test("Messages that are valid, broken, unknown or without a handler reveal no secret", () =>
  withEverythingReported({}, async (stage) => {
    stage.start();
    const connection = await stage.connected();
    const whole = payloadWithSecrets();
    const types = RECEIVED_MESSAGE_TYPES.filter((type) => !TEXTS.has(type));
    for (const type of [...types, "MessageOfTheFuture", ""]) {
      const text = JSON.stringify({ type, message: whole });
      connection.frame(text);
      connection.frame(new TextEncoder().encode(text));
      connection.frame(text.slice(0, -3));
      connection.frame(JSON.stringify({ type: [type], message: whole }));
      connection.frame(JSON.stringify({ [type || "none"]: JSON.stringify(whole) }));
      connection.message(type, { ...whole, messageId: 5, taskArn: 5 });
      connection.message(type, { ...whole, tasks: [whole, { containers: whole }] });
    }
    connection.frame(JSON.stringify(whole));
    connection.frame(JSON.stringify([whole]));
    connection.message("IAMRoleCredentialsMessage", credentialsWithSecrets());
    connection.message("IAMRoleCredentialsMessage", credentialsWithSecrets({ roleType: "x" }));
    await turns(20);
  }, (reported, stage) => {
    assert.ok(stage.eventsOf("dropped").length > 50);
    assertNoSecretIn(reported);
  }));

test("A service that echoes what it was sent, in refusals, messages and closes, reveals no secret", () =>
  withEverythingReported({}, async (stage) => {
    const echo = () => {
      const headers = stage.transport.headers.at(-1) ?? {};
      const all = JSON.stringify({ ...headers, ...INSTANCE_KEYS });
      return `${all} ${Buffer.from(all).toString("base64")} ${encodeURIComponent(all)}`;
    };
    stage.ecs.answers = [
      () =>
        Response.json({ __type: "AccessDeniedException", message: `${SENT.ecs}` }, { status: 400 }),
      () => Response.json({ __type: `${SENT.ecs}#${SENT.ecs}` }, { status: 400 }),
      () => new Response(SENT.ecs, { status: 403, headers: { "x-amzn-errortype": SENT.header } }),
      () => new Response(SENT.ecs, { status: 500 }),
      () => Response.json({ endpoint: SENT.header, telemetryEndpoint: SENT.header }),
      () =>
        Response.json({
          endpoint: `https://u:${
            encodeURIComponent(INSTANCE_KEYS.secretAccessKey)
          }@acs.example/?t=${SENT.header}#x`,
          telemetryEndpoint: `https://tcs.example/?token=${SENT.header}`,
          serviceConnectEndpoint: `https://u:${encodeURIComponent(SENT.header)}@sc.example`,
        }),
    ];
    const connect = stage.transport.connect.bind(stage.transport);
    let refusals = 3;
    stage.transport.connect = async (request) => {
      const connection = await connect(request);
      if (refusals-- <= 0) return connection;
      const body = [
        echo(),
        JSON.stringify({ type: "AccessDeniedException", message: { message: echo() } }),
        JSON.stringify({ ServerException: echo() }),
      ][refusals] ?? "";
      throw new UpgradeRefusedError({
        host: "acs.example",
        status: 403,
        body,
        serverDate: undefined,
      });
    };
    stage.start();
    for (let count = 1; count <= 8; count++) await stage.time.advance(await stage.waited(count));
    const connection = await stage.connected(4);
    for (const type of ["ErrorMessage", "CloseMessage", "ServerException"]) {
      connection.message(type, { message: echo() });
      connection.frame(JSON.stringify({ [type]: echo() }));
    }
    connection.end({ kind: "close", code: 4000, reason: echo().slice(0, 120) });
    await until(() => stage.eventsOf("disconnected").length === 1, "it is reported");
  }, (reported, stage) => {
    assert.ok(stage.eventsOf("connectfailed").length >= 7);
    assertNoSecretIn(reported);
  }));

/** The secrets of a request to ECS, as ECS could echo them. */
const SENT = {
  ecs: `you sent ${JSON.stringify(INSTANCE_KEYS)}`,
  header: INSTANCE_KEYS.sessionToken,
};

test("Credentials functions and transports that fail reveal no secret that the session knows", () => {
  let calls = 0;
  return withEverythingReported({
    credentials: () => {
      calls += 1;
      if (calls === 1) throw new Error("no credentials yet");
      if (calls === 2) return { ...INSTANCE_KEYS, sessionToken: `${INSTANCE_KEYS.sessionToken}\n` };
      return INSTANCE_KEYS;
    },
  }, async (stage) => {
    const connect = stage.transport.connect.bind(stage.transport);
    let failures = 2;
    stage.transport.connect = async (request) => {
      const headers = await request.headers();
      if (failures-- > 0) {
        throw new TypeError(`bad header ${JSON.stringify(headers)}`, { cause: { headers } });
      }
      return await connect(request);
    };
    stage.start();
    for (let count = 1; count <= 4; count++) await stage.time.advance(await stage.waited(count));
    await stage.connected(1);
  }, (reported) => assertNoSecretIn(reported));
});

test("Ids and types of any size and with any characters are reported in one short line", () =>
  withEverythingReported({}, async (stage) => {
    stage.start();
    const connection = await stage.connected();
    const long = `one\ntwo\u001b[31m${"x".repeat(100_000)}`;
    connection.message("PayloadMessage", payloadWithSecrets({ messageId: long }));
    connection.message("HeartbeatMessage", { messageId: long });
    connection.message(long, {});
    await turns(5);
  }, (reported, stage) => {
    assert.ok(stage.eventsOf("dropped").length >= 2);
    const records = reported.split("\n").filter((line) => /Not answered|Received|Sent/.test(line));
    assert.ok(records.length > 0);
    for (const line of records) {
      if (line.includes("logtape") || line.length < 3000) continue;
      assert.fail(`a line of ${line.length} characters: ${line.slice(0, 300)}`);
    }
  }));
