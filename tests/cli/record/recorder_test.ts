import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createServer, type Server } from "node:http";
import { connect } from "node:net";
import { gzipSync } from "node:zlib";
import { Recorder } from "../../../cli/record/recorder.ts";
import { RequestSigner } from "../../../cli/record/request_signer.ts";
import {
  AcsEmulator,
  EXAMPLE_CREDENTIALS,
  SAMPLE_CONTAINER_INSTANCE_ARN,
} from "../../../emulator/mod.ts";
import { Session } from "../../../mod.ts";
import { expectRefusal, TestAgent } from "../../emulator/test_agent.ts";
import { TelemetryAgent } from "../../emulator/telemetry_agent.ts";
import { assertNoSecretIn, payloadWithSecrets } from "../../testing/hostile/planted_secrets.ts";
import { drawOne, seededRandom } from "../../testing/fuzz/seeded_random.ts";
import { test } from "../../testing/test.ts";
import { callApi, RECORDER_KEYS, startRecording } from "./recording_stage.ts";

test("A session works through a recorder, which signs with its own keys and records all traffic", async () => {
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

test("Frames pass a recorder unchanged: text, binary, fragmented and large ones, in both directions", async () => {
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
  test(`A close with code ${code} passes a recorder in both directions, including its reason`, async () => {
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

test("A refusal is recorded as text even if the agent accepts compressed responses", async () => {
  const body = '{"__type":"ClientException","message":"Nothing to compress"}';
  const service = createServer(({ headers }, response) => {
    const isCompressed = /gzip/.test(headers["accept-encoding"] ?? "");
    response.writeHead(400, isCompressed ? { "Content-Encoding": "gzip" } : {});
    response.end(isCompressed ? gzipSync(body) : body);
  });
  await new Promise<void>((resolve) => void service.listen(0, "127.0.0.1", resolve));
  const reasons: (string | undefined)[] = [];
  const recorder = await Recorder.listen({
    hostname: "127.0.0.1",
    port: 0,
    upstream: new URL(urlOf(service)),
    signer: new RequestSigner("us-west-2", RECORDER_KEYS),
    withTelemetry: true,
    add: (_event, { reason }) => void reasons.push(reason),
    warn: assert.fail,
  });

  const response = await callApi(recorder.url, "ListClusters", {});

  assert.equal(await response.text(), body);
  assert.deepEqual(reasons, ["Nothing to compress"]);
  await recorder.close();
  await new Promise((resolve) => service.close(resolve));
});

test("Data that an agent sends together with its upgrade is forwarded after the upgrade", async () => {
  const service = createServer((_request, response) => {
    response.end(JSON.stringify({ endpoint: urlOf(service) }));
  });
  const received = new Promise<string>((resolve) => {
    service.on("upgrade", (request, socket, head) => {
      socket.on("error", () => {});
      const target = `${request.method} ${request.url}`;
      const done = (data: Buffer) => {
        socket.destroy();
        resolve(`${target} ${data}`);
      };
      if (head.byteLength > 0) done(head);
      else socket.once("data", done);
    });
  });
  await new Promise<void>((resolve) => void service.listen(0, "127.0.0.1", resolve));
  const recorder = await Recorder.listen({
    hostname: "127.0.0.1",
    port: 0,
    upstream: new URL(urlOf(service)),
    signer: new RequestSigner("us-west-2", RECORDER_KEYS),
    withTelemetry: true,
    add: () => {},
    warn: assert.fail,
  });
  await (await callApi(recorder.url, "DiscoverPollEndpoint", {})).body?.cancel();
  const agent = connect(Number(new URL(recorder.url).port), "127.0.0.1").on("error", () => {});
  agent.write(
    "GET /endpoint/1/ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nearly",
  );

  assert.equal(await received, "GET /ws early");
  agent.destroy();
  await recorder.close();
  await new Promise((resolve) => service.close(resolve));
});

test("A call that the service resets is reset for the agent", async () => {
  await using stage = await startRecording();
  // Some runtimes retry on a new connection.
  stage.emulator.injectFault({ at: "api", action: "reset" }, { next: 5 });

  await assert.rejects(callApi(stage.recorder.url, "ListClusters", {}));

  const entry = await stage.recorded(({ event }) => event === "refused");
  assert.deepEqual([entry.request, entry.serviceEnd], ["ListClusters", "reset"]);
});

test("A recorder says when a request is too large to be re-signed", async () => {
  await using stage = await startRecording();
  await assert.rejects(callApi(stage.recorder.url, "ListClusters", { pad: "x".repeat(2 ** 24) }));
  const agent = await TelemetryAgent.connect(stage.tcs, SAMPLE_CONTAINER_INSTANCE_ARN);
  await agent.send("PublishMetricsRequest", { pad: "x".repeat(2 ** 20) });
  await agent.ended;

  assert.match(stage.warnings[0] ?? "", /could not forward ListClusters: its body exceeds/);
  assert.match(stage.warnings.at(-1) ?? "", /a telemetry frame of \d+ bytes is too large/);
});

test("Each frame of telemetry is re-signed by a recorder", async () => {
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

test("With telemetry recording off, the agent gets the service's own telemetry endpoint", async () => {
  await using stage = await startRecording({ withTelemetry: false });

  assert.equal(stage.tcs.url, `${stage.emulator.url}/telemetry`);
  assert.ok(stage.acs.url.startsWith(stage.recorder.url));
});

test("A recorder survives disconnects by either side at any time, and records each connection", async () => {
  await using stage = await startRecording();
  const { emulator } = stage;
  const random = seededRandom(7);
  const ends: readonly ((agent: TestAgent) => void)[] = [
    (agent) => void agent.leave(),
    (agent) => agent.close(1000, "Done"),
    () => emulator.resetConnections(),
    () => emulator.endConnections(),
    () => emulator.closeConnections(1011, "Server Error"),
    () => emulator.injectFault({ at: "connection", action: "halfFrame", then: "reset" }),
    () => emulator.injectFault({ at: "connection", action: "garbage", bytes: 40 }),
  ];
  for (let round = 0; round < 40; round++) {
    const agent = await TestAgent.connect(stage.acs);
    for (let frame = 0; frame < 3; frame++) {
      emulator.sendRaw("x".repeat(Math.floor(random() * 70_000)));
      agent.send("NackRequest", { messageId: "m", reason: "y".repeat(random() * 70_000) });
    }
    if (random() < 0.5) await agent.waitForTexts(1);
    drawOne(ends, random)(agent);
    await agent.leave();
  }
  const last = await TestAgent.connect(stage.acs);
  emulator.sendRaw("still works");
  assert.deepEqual(await last.waitForTexts(1), ["still works"]);
  await last.leave();
  await stage.recorded(({ event, connectionId }) =>
    event === "disconnected" && connectionId === 41
  );

  const count = (kind: string) => stage.entries.filter(({ event }) => event === kind).length;
  assert.deepEqual([count("connected"), count("disconnected")], [41, 41]);
  assert.deepEqual(stage.warnings, []);
});

test("A recorder buffers little for an agent that does not read, and loses no data", async () => {
  const chunk = Buffer.alloc(65_536, "x");
  let written = 0;
  let isOver = false;
  let wake = () => {};
  const service = createServer((_request, response) => {
    response.end(JSON.stringify({ endpoint: urlOf(service) }));
  });
  service.on("upgrade", (_request, socket) => {
    socket.on("error", () => {}).on("end", () => socket.destroy()).resume();
    socket.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n");
    const write = () => {
      while (!isOver && socket.write(frameOf(chunk))) written += chunk.byteLength;
      wake();
    };
    socket.on("drain", write);
    write();
  });
  await new Promise<void>((resolve) => void service.listen(0, "127.0.0.1", resolve));
  const sizes: number[] = [];
  const recorder = await Recorder.listen({
    hostname: "127.0.0.1",
    port: 0,
    upstream: new URL(urlOf(service)),
    signer: new RequestSigner("us-west-2", RECORDER_KEYS),
    withTelemetry: true,
    add: (event, { bytes = 0 }) => void (event === "sent" && sizes.push(bytes)),
    warn: assert.fail,
  });
  await (await callApi(recorder.url, "DiscoverPollEndpoint", {})).body?.cancel();
  const agent = connect(Number(new URL(recorder.url).port), "127.0.0.1");
  agent.write(
    "GET /endpoint/1/ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
  );
  agent.pause();

  // Until the buffers of both systems are full.
  for (let before = -1; before !== written;) {
    before = written;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, 300);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
  const held = written;
  isOver = true;
  let received = 0;
  agent.on("data", (data: Uint8Array) => received += data.byteLength);
  agent.resume();
  while (received < held) await new Promise((resolve) => agent.once("data", resolve));
  agent.destroy();
  await recorder.close();
  await new Promise((resolve) => service.close(resolve));

  assert.ok(held < 32 * 2 ** 20, `${held} bytes are held`);
  assert.ok(sizes.length > 0 && sizes.every((size) => size === chunk.byteLength));
});

function urlOf(server: Server): string {
  const address = server.address();
  assert.ok(typeof address === "object" && address !== null);
  return `http://127.0.0.1:${address.port}/`;
}

/** A binary frame of the service. */
function frameOf(payload: Uint8Array): Buffer {
  const head = Buffer.alloc(10);
  head[0] = 0x82;
  head[1] = 127;
  head.writeBigUInt64BE(BigInt(payload.byteLength), 2);
  return Buffer.concat([head, payload]);
}

test("A recording contains neither keys nor secrets of messages", async () => {
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
  // AWS quotes the canonical request if the signature does not match.
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

test("A recorded NackRequest does not quote secrets of the message that it refuses", async () => {
  await using stage = await startRecording();
  const agent = await TestAgent.connect(stage.acs);
  const password = "planted-password";
  const { acked } = stage.emulator.sendPayload({
    tasks: [{ containers: [{ environment: { DB_PASSWORD: password } }] }],
  });
  const refused = assert.rejects(acked);
  const [payload] = await agent.waitForFrames(1);
  assert.ok(payload);
  const { messageId, clusterArn, containerInstanceArn } = payload.message;
  const nack = { messageId, cluster: clusterArn, containerInstance: containerInstanceArn };
  agent.send("NackRequest", { ...nack, reason: `no ${password}` });
  await refused;
  agent.send("NackRequest", { ...nack, reason: `again ${password}` });
  await stage.recorded(({ message }) => JSON.stringify(message ?? "").includes("again"));
  await agent.leave();

  const reasons = stage.entries.filter(({ type }) => type === "NackRequest")
    .map(({ message }) => message);
  assert.deepEqual(reasons, [
    { ...nack, reason: `no ${"x".repeat(16)}` },
    { ...nack, reason: `again ${"x".repeat(16)}` },
  ]);
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

test("An agent is disconnected if the service is gone, and the recorder reports why", async () => {
  await using stage = await startRecording();
  const gone = await AcsEmulator.listen();
  await gone.close();
  await stage.emulator.close();

  await assert.rejects(callApi(stage.recorder.url, "ListClusters", {}));
  await assert.rejects(TestAgent.connect(stage.acs));

  assert.match(
    stage.warnings.join("\n"),
    /could not forward ListClusters to 127\.0\.0\.1:\d+/,
  );
  assert.match(
    stage.warnings.join("\n"),
    /the connection to 127\.0\.0\.1:\d+ failed: .*ECONNREFUSED/,
  );
});
