import assert from "node:assert/strict";
import {
  AcsEmulator,
  EXAMPLE_CREDENTIALS,
  SAMPLE_CONTAINER_INSTANCE_ARN,
} from "../../../emulator/mod.ts";
import { Session } from "../../../mod.ts";
import { expectRefusal, TestAgent } from "../../emulator/test_agent.ts";
import { TelemetryAgent } from "../../emulator/telemetry_agent.ts";
import { assertNoSecretIn, payloadWithSecrets } from "../../testing/hostile/planted_secrets.ts";
import { test } from "../../testing/test.ts";
import { callApi, RECORDER_KEYS, startRecording } from "./recording_stage.ts";

test("A session works through a recorder, which signs with its own keys and records everything", async () => {
  await using stage = await startRecording();
  const { emulator, recorder, entries } = stage;
  await using session = new Session({
    endpoint: recorder.url,
    region: "us-west-2",
    credentials: EXAMPLE_CREDENTIALS,
    containerInstanceArn: SAMPLE_CONTAINER_INSTANCE_ARN,
    agentVersion: "1.0.0",
    payloadMessageHandler: { processMessage: (_message, ack) => ack() },
  });
  session.start();
  await emulator.waitForConnection();
  const { messageId } = emulator.runTask({ task: { family: "recorded" } });
  await emulator.expectAck(messageId);
  await session.stop();
  const gone = await stage.recorded(({ event }) => event === "disconnected");

  const [discovered, , connected] = entries.map(({ event }) => event);
  assert.deepEqual([discovered, connected], ["discovered", "connected"]);
  const sent = entries.find(({ event, type }) => event === "sent" && type === "PayloadMessage");
  assert.equal(sent?.messageId, messageId);
  assert.ok(JSON.stringify(sent?.message).includes('"family":"recorded"'));
  const ack = entries.find(({ type }) => type === "AckRequest");
  assert.deepEqual([ack?.event, ack?.messageId, ack?.answers], ["received", messageId, true]);
  assert.deepEqual([gone.closeCode, gone.serviceEnd], [1000, undefined]);
  assert.ok(entries.every(({ containerInstanceArn }) => containerInstanceArn !== undefined));
});

test("Frames pass a recorder byte by byte: text, bytes, fragments, large ones, in both directions", async () => {
  await using stage = await startRecording();
  const { emulator } = stage;
  const agent = await TestAgent.connect(stage.acs);
  const large = "ü".repeat(300_000);
  emulator.sendRaw("not JSON \u0000 ü");
  emulator.sendRaw(new Uint8Array([0, 255, 1, 128]));
  emulator.injectFault({ at: "connection", action: "fragment", bytes: 7 });
  emulator.sendRaw("in fragments of seven bytes");
  emulator.clearFaults();
  emulator.sendRaw(large);
  const texts = await agent.waitForTexts(4);
  assert.equal(texts[0], "not JSON \u0000 ü");
  assert.ok(texts[1]?.startsWith("binary:"));
  assert.equal(texts[2], "in fragments of seven bytes");
  assert.ok(texts[3] === large);
  agent.send("NackRequest", { messageId: "unknown", reason: large });
  const received = await emulator.waitForMessage("NackRequest");
  assert.ok(received.message.reason === large);
  await agent.leave();
  await stage.recorded(({ event }) => event === "disconnected");

  const frames = stage.entries.filter(({ event }) => event === "sent" || event === "received");
  assert.deepEqual(frames.map(({ event, raw, type, bytes }) => [event, raw, type, bytes]), [
    ["sent", "text", undefined, 13],
    ["sent", "binary", undefined, 4],
    ["sent", "text", undefined, 27],
    ["sent", "text", undefined, 600_000],
    ["received", undefined, "NackRequest", received.bytes],
  ]);
});

for (const [code, reason] of [[1000, "Done"], [1011, "Server Error"], [4321, ""]] as const) {
  test(`A close by either side passes a recorder with its code ${code} and its reason`, async () => {
    await using stage = await startRecording();
    const { emulator } = stage;
    const first = await TestAgent.connect(stage.acs);
    emulator.closeConnections(code, reason);
    const end = await first.ended;
    assert.deepEqual([end.code, end.reason], [code, reason]);
    const byService = await stage.recorded(({ event }) => event === "disconnected");

    const second = await TestAgent.connect(stage.acs);
    const disconnected = emulator.waitFor("disconnected");
    second.close(code, reason);
    const connection = await disconnected;
    assert.deepEqual([connection.closeCode, connection.closeReason], [code, reason]);
    const byAgent = await stage.recorded(({ event, connectionId }) =>
      event === "disconnected" && connectionId === 2
    );

    const { serviceEnd, serviceCloseCode, serviceCloseReason } = byService;
    assert.deepEqual([serviceEnd, serviceCloseCode, serviceCloseReason], ["close", code, reason]);
    assert.deepEqual(
      [byAgent.serviceEnd, byAgent.closeCode, byAgent.closeReason],
      [undefined, code, reason],
    );
  });
}

for (const action of ["end", "reset"] as const) {
  test(`The service's ${action} of a connection reaches the agent, and the next connection works`, async () => {
    await using stage = await startRecording();
    const first = await TestAgent.connect(stage.acs);
    stage.emulator.injectFault({ at: "connection", action });
    const { code } = await first.ended;
    const gone = await stage.recorded(({ event }) => event === "disconnected");
    const second = await TestAgent.connect(stage.acs);

    assert.equal(code, 1006);
    assert.equal(gone.serviceEnd, action);
    const disconnected = stage.emulator.waitFor("disconnected");
    await second.leave();
    assert.equal((await disconnected).closeCode, 1006);
    const left = await stage.recorded(({ event, connectionId }) =>
      event === "disconnected" && connectionId === 2
    );
    assert.deepEqual([left.serviceEnd, left.closeCode], [undefined, 1006]);
    assert.deepEqual(stage.warnings, []);
  });
}

test("A refused upgrade passes a recorder with its status, date and body", async () => {
  await using stage = await startRecording();
  const { emulator } = stage;
  const fault = { at: "upgrade", action: "refuse", status: 503, body: "<h1>Down</h1>" } as const;
  emulator.injectFault(fault);
  const refusal = await expectRefusal(stage.acs);
  emulator.deregisterContainerInstance(SAMPLE_CONTAINER_INSTANCE_ARN);
  const inactive = await expectRefusal(stage.acs);

  assert.deepEqual([refusal.status, refusal.body], [503, "<h1>Down</h1>"]);
  assert.ok(refusal.date !== undefined);
  assert.match(inactive.body, /^\{"type":"InactiveInstanceException"/);
  const entry = await stage.recorded(({ status }) => status === 503);
  assert.deepEqual([entry.request, entry.reason], ["upgrade", "<h1>Down</h1>"]);
  const second = await stage.recorded(({ exception }) => exception === "InactiveInstanceException");
  assert.equal(second.status, inactive.status);
});

test("An upgrade that the service resets is reset for the agent, and recorded without a status", async () => {
  await using stage = await startRecording();
  stage.emulator.injectFault({ at: "upgrade", action: "reset" });

  await assert.rejects(TestAgent.connect(stage.acs), /ECONNRESET|hang up|reset|EOF|closed/i);

  const entry = await stage.recorded(({ event }) => event === "refused");
  assert.deepEqual([entry.request, entry.status, entry.serviceEnd], [
    "upgrade",
    undefined,
    "reset",
  ]);
});

test("Calls to the ECS API pass a recorder, and so do their refusals", async () => {
  await using stage = await startRecording();
  const { recorder, emulator } = stage;
  const instance = SAMPLE_CONTAINER_INSTANCE_ARN;

  const created = await callApi(recorder.url, "CreateCluster", { clusterName: "recorded" });
  const body: unknown = await created.json();
  emulator.injectFault({
    at: "api",
    operation: "SubmitTaskStateChange",
    action: "refuse",
    status: 400,
    exception: "InvalidParameterException",
    message: "made up",
  });
  const refused = await callApi(recorder.url, "SubmitTaskStateChange", { task: "t" });
  const error: unknown = await refused.json();
  emulator.injectFault({ at: "discover", action: "refuse", status: 500 });
  const discover = await callApi(recorder.url, "DiscoverPollEndpoint", {
    containerInstance: instance,
  });
  await discover.body?.cancel();

  assert.equal(created.status, 200);
  assert.ok(JSON.stringify(body).includes('"clusterName":"recorded"'));
  assert.ok(created.headers.get("x-amzn-requestid"));
  assert.deepEqual([refused.status, error], [400, {
    __type: "com.amazonaws.ecs#InvalidParameterException",
    message: "made up",
  }]);
  assert.equal(discover.status, 500);
  const kinds = stage.entries.map(({ event, request, status, exception, reason }) =>
    [event, request, status, exception, reason].filter((part) => part !== undefined)
  );
  assert.deepEqual(kinds, [
    ["discovered"],
    ["apiCall", "CreateCluster"],
    ["refused", "SubmitTaskStateChange", 400, "InvalidParameterException", "made up"],
    ["refused", "DiscoverPollEndpoint", 500, "ServerException", "Refused by an injected fault"],
  ]);
});

test("A call that the service resets is reset for the agent", async () => {
  await using stage = await startRecording();
  // Some runtimes call again over a new connection.
  stage.emulator.injectFault({ at: "api", action: "reset" }, { next: 5 });

  await assert.rejects(callApi(stage.recorder.url, "ListClusters", {}));

  const entry = await stage.recorded(({ event }) => event === "refused");
  assert.deepEqual([entry.request, entry.serviceEnd], ["ListClusters", "reset"]);
});

test("Each frame of telemetry passes a recorder with a new signature", async () => {
  await using stage = await startRecording();
  const { emulator } = stage;
  const agent = await TelemetryAgent.connect(stage.tcs, SAMPLE_CONTAINER_INSTANCE_ARN);
  await agent.send("PublishMetricsRequest", { metadata: { idle: true }, timestamp: 1 });
  await agent.send("PublishHealthRequest", { tasks: [] });
  const answers = await agent.waitForAnswers(2);
  await agent.leave();

  assert.deepEqual(answers.map(({ type }) => type), ["AckPublishMetric", "AckPublishHealth"]);
  assert.equal(emulator.telemetryCounts.PublishMetricsRequest, 1);
  const telemetry = stage.entries.filter(({ event }) => event === "telemetry");
  assert.deepEqual(telemetry.map(({ type }) => type), [
    "PublishMetricsRequest",
    "PublishHealthRequest",
  ]);
});

test("Without telemetry, the agent gets the service's own telemetry endpoint", async () => {
  await using stage = await startRecording({ withTelemetry: false });

  assert.equal(stage.tcs.url, `${stage.emulator.url}/telemetry`);
  assert.ok(stage.acs.url.startsWith(stage.recorder.url));
});

test("No key and no secret of a message is in a recording", async () => {
  await using stage = await startRecording();
  const { emulator, recorder } = stage;
  const agent = await TestAgent.connect(stage.acs);
  emulator.sendRaw(JSON.stringify({ type: "PayloadMessage", message: payloadWithSecrets() }));
  emulator.sendRaw(JSON.stringify({ type: "FutureMessage", message: payloadWithSecrets() }));
  await agent.waitForTexts(2);
  agent.sendRaw(JSON.stringify({ type: "AckRequest", message: payloadWithSecrets() }));
  const container = { name: "a", environment: [{ name: "A", value: "planted-override" }] };
  const run = await callApi(recorder.url, "RunTask", {
    taskDefinition: "missing",
    overrides: { containerOverrides: [container] },
  });
  await run.body?.cancel();
  // What AWS quotes of a request whose signature does not match.
  const message = `The Canonical String is x-amz-security-token:${RECORDER_KEYS.sessionToken}`;
  emulator.injectFault({ at: "upgrade", action: "refuse", message });
  await expectRefusal(stage.acs);
  await stage.recorded(({ event, request }) => event === "refused" && request === "upgrade");
  await stage.recorded(({ event }) => event === "received");
  await agent.leave();

  const printed = JSON.stringify(stage.entries);
  assertNoSecretIn(printed, { ...RECORDER_KEYS, override: "planted-override" });
  assert.ok(printed.includes("[redacted]"));
});

test("A web page cannot use a recorder's credentials", async () => {
  await using stage = await startRecording();
  const target = { "x-amz-target": "AmazonEC2ContainerServiceV20141113.ListClusters" };
  const response = await fetch(stage.recorder.url, {
    method: "POST",
    body: "{}",
    headers: { ...target, origin: "https://page.example" },
  });
  await response.body?.cancel();
  const other = await fetch(stage.recorder.url);
  await other.body?.cancel();

  assert.deepEqual([response.status, other.status], [403, 404]);
  assert.equal(stage.entries.length, 1);
});

test("An agent whose service has gone is cut off, and the recorder says why", async () => {
  await using stage = await startRecording();
  const gone = await AcsEmulator.listen();
  await gone.close();
  await stage.emulator.close();

  await assert.rejects(callApi(stage.recorder.url, "ListClusters", {}));
  await assert.rejects(TestAgent.connect(stage.acs));

  assert.match(
    stage.warnings.join("\n"),
    /ListClusters could not be passed on to 127\.0\.0\.1:\d+/,
  );
  assert.match(
    stage.warnings.join("\n"),
    /the connection to 127\.0\.0\.1:\d+ failed: .*ECONNREFUSED/,
  );
});
