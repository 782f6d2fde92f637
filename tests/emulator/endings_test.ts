import assert from "node:assert/strict";
import { resolveOptions } from "../../emulator/resolve_options.ts";
import { AcsEmulator, samplePayload } from "../../emulator/mod.ts";
import { test } from "../testing/test.ts";
import { RawAgent } from "./raw_agent.ts";
import { createTestCa } from "../testing/sockets/test_ca.ts";
import { openSocket, OTHER_INSTANCE, TestAgent } from "./test_agent.ts";

test("Closing connections sends the close frame of an expired connection", async () => {
  await using emulator = await AcsEmulator.listen();
  const agent = await TestAgent.connect(emulator);
  const disconnected = emulator.waitFor("disconnected");

  emulator.closeConnections();

  const { code, reason } = await agent.ended;
  assert.deepEqual([code, reason], [1000, "ConnectionExpired: Reconnect to continue"]);
  const connection = await disconnected;
  assert.equal(connection, emulator.connections[0]);
  assert.equal(connection.closeCode, 1000);
  assert.ok((connection.disconnectedAt ?? 0) >= connection.connectedAt);
});

test("Closing connections sends any code and reason", async () => {
  await using emulator = await AcsEmulator.listen();
  const agents = [
    await TestAgent.connect(emulator),
    await TestAgent.connect(emulator, { query: OTHER_INSTANCE }),
  ];

  emulator.closeConnections(1011, "server error");

  for (const agent of agents) {
    const { code, reason } = await agent.ended;
    assert.deepEqual([code, reason], [1011, "server error"]);
  }
});

test("An ended connection has no close frame", async () => {
  await using emulator = await AcsEmulator.listen();
  const agent = await TestAgent.connect(emulator);
  const disconnected = emulator.waitFor("disconnected");

  emulator.endConnections();

  const { code, error } = await agent.ended;
  assert.deepEqual([code, error], [1006, undefined]);
  assert.equal((await disconnected).closeCode, 1006);
});

test("A reset connection ends with ECONNRESET", async () => {
  await using emulator = await AcsEmulator.listen();
  const agent = await TestAgent.connect(emulator);
  const disconnected = emulator.waitFor("disconnected");

  emulator.resetConnections();

  const { code, error } = await agent.ended;
  assert.equal(code, 1006);
  assert.match(error?.message ?? "", /ECONNRESET/);
  await disconnected;
});

test("An emulator that has ended a connection and then resets it still closes", async () => {
  const emulator = await AcsEmulator.listen();
  const agent = await TestAgent.connect(emulator);
  emulator.endConnections();
  emulator.resetConnections();
  await agent.ended;
  await emulator.close();
});

test("The agent's close code and reason are recorded", async () => {
  await using emulator = await AcsEmulator.listen();
  const socket = await openSocket(emulator);
  await new Promise((resolve) => socket.once("open", resolve));
  const disconnected = emulator.waitFor("disconnected");

  socket.close(4001, "bye");

  const connection = await disconnected;
  assert.deepEqual([connection.closeCode, connection.closeReason], [4001, "bye"]);
  assert.equal(connection.open, false);
});

test("A stalled connection neither reads nor writes; the next one gets the queued messages", async () => {
  await using emulator = await AcsEmulator.listen({ heartbeatIntervalMs: 0 });
  const frozen = await TestAgent.connect(emulator);
  emulator.stallConnections();
  frozen.send("HeartbeatAckRequest", { messageId: "never read" });
  const { messageId } = emulator.sendPayload(samplePayload());

  const next = await TestAgent.connect(emulator);
  const [payload] = await next.waitForFrames(1);

  assert.equal(payload?.message.messageId, messageId);
  assert.equal(frozen.texts.length, 0);
  assert.equal(emulator.received.length, 0);
  await next.leave();
});

test("A stalled connection ends with the emulator", async () => {
  const emulator = await AcsEmulator.listen();
  const agent = await TestAgent.connect(emulator);
  emulator.stallConnections();

  await emulator.close();

  assert.equal((await agent.ended).code, 1006);
});

test("A frame that breaks the WebSocket protocol is a problem and ends the connection", async () => {
  await using emulator = await AcsEmulator.listen();
  await TestAgent.connect(emulator);
  const [problem, disconnected] = [
    emulator.waitFor("problem"),
    emulator.waitFor("disconnected"),
  ];
  const socket = await openSocket(emulator, { query: OTHER_INSTANCE });
  await new Promise((resolve) => socket.once("open", resolve));
  const ended = new Promise<number>((resolve) => socket.on("close", resolve));

  // Frames from a client must be masked.
  socket.send("unmasked", { mask: false });

  assert.match((await problem).problem, /^Broken frame: .*MASK/);
  assert.equal((await disconnected).id, 2);
  assert.equal(await ended, 1002);
});

test("An agent that floods the emulator with pings is cut off and reported as a problem", async () => {
  await using emulator = await AcsEmulator.listen();
  const agent = await RawAgent.upgrade(emulator);
  const [problem, disconnected] = [
    emulator.waitFor("problem"),
    emulator.waitFor("disconnected"),
  ];

  for (let n = 0; n < 1_000; n++) agent.sendFrame(9, "");

  assert.match((await problem).problem, /^Too many pings in a row, or pongs are not read/);
  assert.equal((await disconnected).closeCode, 1006);
  await agent.leave();
});

test("Closing the emulator ends every connection and its heartbeats, and may be repeated", async () => {
  const emulator = await AcsEmulator.listen({ heartbeatIntervalMs: 1_000 });
  const agent = await TestAgent.connect(emulator);

  await Promise.all([emulator.close(), emulator.close()]);

  assert.equal((await agent.ended).code, 1006);
  await assert.rejects(fetch(emulator.url), TypeError);
});

test("A port in use rejects with the system's error", async () => {
  await using emulator = await AcsEmulator.listen();
  const port = Number(new URL(emulator.url).port);

  await assert.rejects(AcsEmulator.listen({ port }), { code: "EADDRINUSE" });
});

test("Options out of range are RangeErrors that name the value", async () => {
  for (
    const options of [
      { heartbeatIntervalMs: -1 },
      { missedHeartbeatLimit: Number.NaN },
      { historyLimit: 0 },
      { heartbeatIntervalMs: Infinity },
      { heartbeatIntervalMs: [1, 2 ** 31] as const },
      { maxConnectionMs: 2 ** 31 },
      { requestTimeoutMs: Number.NaN },
      { clockSkewMs: Infinity },
      { seed: Number.NaN },
      { hostname: "" },
      { region: "" },
      { clusterArn: "" },
      { stateFile: "" },
      { credentials: { accessKeyId: "", secretAccessKey: "x" } },
      { publicUrl: "" },
      { publicUrl: "acs.example" },
      { publicUrl: "ftp://acs.example/" },
      { publicUrl: "https://user:secret-word@acs.example/" },
      { publicUrl: "https://acs.example/?a=b" },
    ]
  ) {
    await assert.rejects(AcsEmulator.listen(options), (error) => {
      assert.ok(error instanceof RangeError);
      assert.ok(error.message.includes(Object.keys(options)[0] ?? "?"));
      assert.doesNotMatch(error.message, /secret-word/);
      return true;
    });
  }
});

test("An IPv6 address may be written with its brackets, as in a URL", () => {
  const { hostname } = resolveOptions({ hostname: "[::1]" });
  assert.equal(hostname, "::1");
});

test("The history is kept within its limit", async () => {
  await using emulator = await AcsEmulator.listen({ historyLimit: 2 });
  for (const _ of [1, 2, 3]) {
    const agent = await TestAgent.connect(emulator);
    agent.send("AckRequest", { messageId: "unheard-of" });
    await emulator.waitFor("received");
    await agent.leave();
  }

  assert.deepEqual(emulator.connections.map(({ id }) => id), [2, 3]);
  assert.deepEqual(emulator.received.map(({ connectionId }) => connectionId), [2, 3]);
});

test("Over TLS, connecting, ending and resetting work as over plain TCP", async () => {
  const { ca, key, cert } = await createTestCa();
  await using emulator = await AcsEmulator.listen({ hostname: "localhost", tls: { key, cert } });
  assert.match(emulator.url, /^https:\/\/localhost:\d+$/);

  for (const end of [() => emulator.endConnections(), () => emulator.resetConnections()]) {
    const agent = await TestAgent.connect(emulator, { ca });
    emulator.sendError({ message: "hello" });
    await agent.waitForFrames(1);
    end();
    // Deno's TLS sockets do not distinguish a reset from a normal end.
    assert.equal((await agent.ended).code, 1006);
  }
});

test("When close resolves, every connection has had its disconnected event", async () => {
  const emulator = await AcsEmulator.listen();
  const agent = await TestAgent.connect(emulator);

  await emulator.close();

  assert.notEqual(emulator.connections[0]?.disconnectedAt, undefined);
  await agent.ended;
});
