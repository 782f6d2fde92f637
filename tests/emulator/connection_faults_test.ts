/**
 * Faults that occur once on a connection: the ways it ends, and invalid bytes.
 */

import assert from "node:assert/strict";
import {
  AcsEmulator,
  type ConnectionFault,
  type EmulatorConnection,
  type FaultDetail,
  SAMPLE_CONTAINER_INSTANCE_ARN,
  samplePayload,
} from "../../emulator/mod.ts";
import { until, withFakeTime } from "../testing/fakes/fake_time.ts";
import { OPCODE } from "../testing/sockets/raw_peer.ts";
import { test } from "../testing/test.ts";
import { createTestCa } from "../testing/sockets/test_ca.ts";
import { RawAgent } from "./raw_agent.ts";
import { OTHER_INSTANCE, TestAgent } from "./test_agent.ts";

const QUIET = { heartbeatIntervalMs: 0 };
const OTHER_ARN = OTHER_INSTANCE.containerInstanceArn ?? "";
const CLOSE: ConnectionFault = {
  at: "connection",
  action: "close",
  code: 4001,
  reason: "injected",
};

/** A close frame's code and reason. */
function readClose({ payload }: { payload: Uint8Array }): [number, string] {
  const [high = 0, low = 0] = payload;
  return [high << 8 | low, new TextDecoder().decode(payload.subarray(2))];
}

const CODES = [0, 999, 1000, 1004, 1005, 1006, 1011, 1015, 2999, 3000, 4999, 5000, 65_535];

for (const code of CODES) {
  test(`A connection is closed with code ${code}, and the agent's own close frame ends it`, async () => {
    await using emulator = await AcsEmulator.listen(QUIET);
    const agent = await RawAgent.upgrade(emulator);
    const disconnected = emulator.waitFor("disconnected");

    emulator.injectFault({ at: "connection", action: "close", code, reason: "why" });

    const frame = await agent.connection.readFrame();
    assert.equal(frame.opcode, OPCODE.close);
    assert.deepEqual(readClose(frame), [code, "why"]);
    assert.equal(emulator.connections[0]?.open, false);
    const before = agent.received.length;
    agent.sendFrame(OPCODE.close, new Uint8Array([0x0f, 0xa1]));
    assert.equal(await agent.ended, "FIN");
    assert.equal(agent.received.length, before);
    agent.socket.end();
    assert.equal((await disconnected).closeCode, 4001);
    await agent.leave();
  });
}

test("A close frame may have no code; the default is that of an expired connection", async () => {
  await using emulator = await AcsEmulator.listen(QUIET);
  const bare = await RawAgent.upgrade(emulator);
  emulator.injectFault({ at: "connection", action: "close", code: null });
  assert.equal((await bare.connection.readFrame()).payload.length, 0);
  await bare.leave();

  const agent = await TestAgent.connect(emulator);
  emulator.injectFault({ at: "connection", action: "close" });
  const { code, reason } = await agent.ended;
  assert.deepEqual([code, reason], [1000, "ConnectionExpired: Reconnect to continue"]);
});

test("An agent that does not answer a forbidden close code is cut off after 30 s", async () => {
  await withFakeTime(async (time) => {
    await using emulator = await AcsEmulator.listen({ ...QUIET, maxConnectionMs: 0 });
    const agent = await RawAgent.upgrade(emulator);
    const disconnected = emulator.waitFor("disconnected");
    emulator.injectFault({ at: "connection", action: "close", code: 1006 });
    await agent.connection.readFrame();

    await time.advance(29_999);
    assert.equal(emulator.connections[0]?.disconnectedAt, undefined);
    await time.advance(1);

    await disconnected;
    assert.equal(time.pendingTimers(), 0);
    await agent.leave();
  });
});

test("The agent's messages are still read after the emulator has ended a connection", async () => {
  await using emulator = await AcsEmulator.listen(QUIET);
  const agent = await RawAgent.upgrade(emulator);
  const disconnected = emulator.waitFor("disconnected");
  emulator.injectFault({ at: "connection", action: "end" });
  assert.equal(await agent.ended, "FIN");

  agent.sendFrame(OPCODE.text, '{"type":"HeartbeatAckRequest","message":{"messageId":"late"}}');
  await emulator.waitForMessage("HeartbeatAckRequest");
  agent.socket.end();

  assert.equal((await disconnected).closeCode, 1006);
  await agent.leave();
});

test("An agent that does not end its side after the emulator has is cut off after 30 s", async () => {
  await withFakeTime(async (time) => {
    await using emulator = await AcsEmulator.listen({ ...QUIET, maxConnectionMs: 0 });
    const agent = await RawAgent.upgrade(emulator);
    const disconnected = emulator.waitFor("disconnected");
    emulator.injectFault({ at: "connection", action: "end" });
    await agent.ended;

    await time.advance(30_000);

    await disconnected;
    assert.equal(time.pendingTimers(), 0);
    await agent.leave();
  });
});

for (const [then, end] of [["stall", "nothing more"], ["end", "FIN"], ["reset", "RST"]] as const) {
  test(`Half a frame arrives, then ${end}`, async () => {
    await using emulator = await AcsEmulator.listen(QUIET);
    const agent = await RawAgent.upgrade(emulator);
    const head = agent.received.length;

    emulator.injectFault({ at: "connection", action: "halfFrame", then });
    emulator.sendRaw("never");

    if (then !== "stall") await agent.ended;
    assert.equal(await agent.isCut(), then === "reset");
    const [first, length = 0] = (await agent.waitForBytes(head + 2)).subarray(head);
    assert.equal(first, 0x80 | OPCODE.text);
    const half = Math.floor(length / 2);
    const bytes = (await agent.waitForBytes(head + 2 + half)).subarray(head + 2);
    assert.equal(bytes.length, half);
    assert.ok(String(bytes).startsWith('{"type":"HeartbeatMessage"'));
    assert.equal(emulator.connections[0]?.open, false);
    await agent.leave();
  });
}

test("Garbage has the requested size, and an agent that closes because of it is noticed", async () => {
  await using emulator = await AcsEmulator.listen(QUIET);
  const raw = await RawAgent.upgrade(emulator, OTHER_INSTANCE);
  const agent = await TestAgent.connect(emulator);
  const head = raw.received.length;

  emulator.injectFault({ at: "connection", action: "garbage", bytes: 1_000 });

  const bytes = (await raw.waitForBytes(head + 1_000)).subarray(head);
  assert.ok(bytes.length === 1_000 && bytes.every((byte) => byte === 0xff));
  await raw.leave();
  assert.match((await agent.ended).error?.message ?? "", /Invalid WebSocket frame/);
  await until(
    () => emulator.connections.every(({ disconnectedAt }) => disconnectedAt !== undefined),
    "both connections have ended",
  );
});

test("An oversized message has exactly the requested size, and is valid", async () => {
  await using emulator = await AcsEmulator.listen(QUIET);
  const agent = await TestAgent.connect(emulator);

  for (const bytes of [64, 1_000_000]) {
    emulator.injectFault({ at: "connection", action: "oversized", bytes });
  }

  const [small, large] = await agent.waitForFrames(2);
  assert.deepEqual([small?.type, large?.type], ["ErrorMessage", "ErrorMessage"]);
  assert.deepEqual(agent.texts.map(({ length }) => length), [64, 1_000_000]);
  await agent.leave();
});

test("A fault without next hits the open connections of its instance and none that come later", async () => {
  await using emulator = await AcsEmulator.listen(QUIET);
  const [agent, other] = [
    await TestAgent.connect(emulator),
    await TestAgent.connect(emulator, { query: OTHER_INSTANCE }),
  ];

  emulator.injectFault(CLOSE, { containerInstanceArn: OTHER_ARN });
  assert.equal((await other.ended).code, 4001);

  const again = await TestAgent.connect(emulator, { query: OTHER_INSTANCE });
  emulator.sendError({ message: "to the newest" });
  await again.waitForFrames(1);
  emulator.sendError({ message: "to the first" }, {
    containerInstanceArn: SAMPLE_CONTAINER_INSTANCE_ARN,
  });
  await agent.waitForFrames(1);
  await agent.leave();
  await again.leave();
});

test("A fault with next hits that number of connections, before their first message", async () => {
  await using emulator = await AcsEmulator.listen();
  const present = await TestAgent.connect(emulator);
  const only = { containerInstanceArn: OTHER_ARN };
  emulator.injectFault(CLOSE, { ...only, next: 2 });

  for (const _ of [1, 2]) {
    const agent = await TestAgent.connect(emulator, { query: OTHER_INSTANCE });
    assert.equal((await agent.ended).code, 4001);
    assert.deepEqual(agent.texts, []);
  }
  const third = await TestAgent.connect(emulator, { query: OTHER_INSTANCE });
  await third.waitForTexts(1);
  assert.equal(emulator.connections[0]?.open, true);
  await third.leave();
  await present.leave();
});

test("A fault with afterMs takes effect that long after the connection is established", async () => {
  await withFakeTime(async (time) => {
    await using emulator = await AcsEmulator.listen(QUIET);
    emulator.injectFault({ ...CLOSE, afterMs: 5_000 }, { next: 1 });
    const agent = await TestAgent.connect(emulator);
    let ended = false;
    agent.ended.then(() => ended = true);

    await time.advance(4_999);
    assert.equal(ended, false);
    await time.advance(1);

    assert.equal((await agent.ended).code, 4001);
  });
});

test("Pending faults end with their connection, with the emulator, or when they are cleared", async () => {
  await withFakeTime(async (time) => {
    const emulator = await AcsEmulator.listen({ ...QUIET, maxConnectionMs: 0 });
    const reported: FaultDetail[] = [];
    emulator.addEventListener("fault", ({ detail }) => reported.push(detail));
    const later: ConnectionFault = { ...CLOSE, afterMs: 60_000 };
    const disconnected = emulator.waitFor("disconnected");

    emulator.injectFault(later, { next: 2 });
    await (await TestAgent.connect(emulator)).leave();
    await disconnected;
    assert.equal(time.pendingTimers(), 0);

    const agent = await TestAgent.connect(emulator);
    assert.equal(time.pendingTimers(), 1);
    emulator.injectFault(later, { next: 1 });
    emulator.clearFaults({ containerInstanceArn: OTHER_ARN });
    assert.equal(time.pendingTimers(), 1);
    emulator.clearFaults();
    assert.equal(time.pendingTimers(), 0);

    emulator.injectFault(later);
    await emulator.close();
    await agent.ended;
    assert.equal(time.pendingTimers(), 0);
    assert.deepEqual(reported, []);
  });
});

test("Every connection fault is an event when it takes effect, with the connection that it hit", async () => {
  await using emulator = await AcsEmulator.listen(QUIET);
  const reported = emulator.waitFor("fault");
  emulator.injectFault(CLOSE, { next: 1 });

  const agent = await TestAgent.connect(emulator);

  assert.deepEqual(await reported, {
    fault: CLOSE,
    containerInstanceArn: SAMPLE_CONTAINER_INSTANCE_ARN,
    connectionId: 1,
  });
  await agent.ended;
});

const LOSING: readonly ConnectionFault[] = [
  CLOSE,
  { at: "connection", action: "end" },
  { at: "connection", action: "reset" },
  { at: "connection", action: "stall" },
  { at: "connection", action: "halfFrame" },
  { at: "connection", action: "halfFrame", then: "end" },
  { at: "connection", action: "garbage" },
];

for (const fault of LOSING) {
  const name = Object.values(fault).slice(1).join(" ");
  test(`An unanswered message, or one queued when "${name}" happens, reaches the next connection`, async () => {
    await using emulator = await AcsEmulator.listen(QUIET);
    const agent = await TestAgent.connect(emulator);
    const first = emulator.sendPayload(samplePayload(1));
    await agent.waitForFrames(1);

    emulator.injectFault(fault);
    const second = emulator.sendPayload(samplePayload(2));
    emulator.sendError({ message: "posted meanwhile" });
    const next = await TestAgent.connect(emulator);
    const frames = await next.waitForFrames(3);

    assert.deepEqual(
      frames.map(({ type, message }) => message.messageId ?? type),
      [first.messageId, second.messageId, "ErrorMessage"],
    );
    for (const frame of frames.slice(0, 2)) next.ack(frame);
    await Promise.all([first.acked, second.acked]);
    await next.leave();
    await agent.leave();
  });
}

test("Queued messages are not lost on a connection that ends before its first message", async () => {
  await using emulator = await AcsEmulator.listen(QUIET);
  emulator.sendError({ message: "not resent" });
  emulator.injectFault(CLOSE, { next: 1 });

  await (await TestAgent.connect(emulator)).ended;
  const next = await TestAgent.connect(emulator);

  assert.equal((await next.waitForFrames(1))[0]?.type, "ErrorMessage");
  await next.leave();
});

test("Over TLS, forbidden codes, half frames and resets work as over plain TCP", async () => {
  const { ca, key, cert } = await createTestCa();
  await using emulator = await AcsEmulator.listen({ hostname: "localhost", tls: { key, cert } });
  const faults: readonly ConnectionFault[] = [
    { at: "connection", action: "close", code: 1006 },
    { at: "connection", action: "garbage" },
    { at: "connection", action: "halfFrame", then: "end" },
    { at: "connection", action: "halfFrame", then: "reset" },
  ];
  const ends: [number, string][] = [];
  for (const fault of faults) {
    const agent = await TestAgent.connect(emulator, { ca });
    await agent.waitForTexts(1);
    emulator.injectFault(fault);
    const { code, error } = await agent.ended;
    ends.push([code, error?.message ?? ""]);
  }
  assert.match(ends[0]?.[1] ?? "", /invalid status code 1006/);
  assert.match(ends[1]?.[1] ?? "", /Invalid WebSocket frame/);
  assert.deepEqual(ends.map(([code]) => code), [1006, 1006, 1006, 1006]);
});

test("A connection's own methods accept any close code, and refuse an invalid one by name", async () => {
  await using emulator = await AcsEmulator.listen(QUIET);
  const agent = await RawAgent.upgrade(emulator);
  const connection: EmulatorConnection | undefined = emulator.connections[0];

  assert.throws(() => connection?.close(65_536, ""), { name: "RangeError", message: /^code / });
  connection?.close(1015, "why");

  assert.deepEqual(readClose(await agent.connection.readFrame()), [1015, "why"]);
  await agent.leave();
});
