/**
 * Faults that last: delay, duplicate, reorder, fragment and slowRead, alone and together.
 */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { AcsEmulator, type ConnectionFault, samplePayload } from "../../emulator/mod.ts";
import { call } from "./control_client.ts";
import { type FakeTime, turns, until, withFakeTime } from "../testing/fakes/fake_time.ts";
import { OPCODE, type RawFrame } from "../testing/sockets/raw_peer.ts";
import { test } from "../testing/test.ts";
import { createTestCa } from "../testing/sockets/test_ca.ts";
import { RawAgent } from "./raw_agent.ts";
import { OTHER_INSTANCE, TestAgent } from "./test_agent.ts";

const OPTIONS = { heartbeatIntervalMs: 0, maxConnectionMs: 0 };

/** Runs a test with a connected agent, under fake time, with active faults. */
async function withFaults(
  faults: readonly ConnectionFault[],
  fn: (emulator: AcsEmulator, agent: TestAgent, time: FakeTime) => Promise<void>,
): Promise<void> {
  await withFakeTime(async (time) => {
    await using emulator = await AcsEmulator.listen(OPTIONS);
    for (const fault of faults) emulator.injectFault(fault, { next: 1 });
    const agent = await TestAgent.connect(emulator);
    await fn(emulator, agent, time);
    await agent.leave();
  });
}

function sendAll(emulator: AcsEmulator, ...texts: readonly string[]): void {
  for (const text of texts) emulator.sendRaw(text);
}

const DELAY: ConnectionFault = { at: "connection", action: "delay", ms: 1_000 };
const DUPLICATE: ConnectionFault = { at: "connection", action: "duplicate" };
const REORDER: ConnectionFault = { at: "connection", action: "reorder" };

test("Delayed messages arrive after their delay, in order", () =>
  withFaults([DELAY], async (emulator, agent, time) => {
    sendAll(emulator, "a");
    await time.advance(500);
    sendAll(emulator, "b");
    await time.advance(499);
    assert.deepEqual(agent.texts, []);

    await time.advance(1);
    await agent.waitForTexts(1);
    assert.deepEqual(agent.texts, ["a"]);
    await time.advance(500);
    await agent.waitForTexts(2);
    assert.deepEqual(agent.texts, ["a", "b"]);
  }));

test("A shorter delay injected later does not let messages overtake each other", () =>
  withFaults([DELAY], async (emulator, agent, time) => {
    sendAll(emulator, "a");
    emulator.injectFault({ at: "connection", action: "delay", ms: 0 });
    sendAll(emulator, "b", "c");

    await time.advance(0);
    await agent.waitForTexts(3);
    assert.deepEqual(agent.texts, ["a", "b", "c"]);
    assert.equal(time.pendingTimers(), 0);
  }));

test("Delayed messages of a connection that ends are dropped, and resent over the next one", () =>
  withFaults([DELAY], async (emulator, agent, time) => {
    const { messageId } = emulator.sendPayload(samplePayload());
    const disconnected = emulator.waitFor("disconnected");
    await agent.leave();
    await disconnected;
    assert.equal(time.pendingTimers(), 0);

    const next = await TestAgent.connect(emulator);
    const [payload] = await next.waitForFrames(1);
    assert.equal(payload?.message.messageId, messageId);
    await next.leave();
  }));

test("Delayed messages are dropped when the connection is closed before their time", () =>
  withFaults([DELAY, REORDER], async (emulator, agent, time) => {
    sendAll(emulator, "a", "b", "c");
    emulator.closeConnections();
    await time.advance(10_000);
    await agent.ended;
    assert.deepEqual(agent.texts, []);
  }));

test("Duplicated messages arrive twice, and two acknowledgements are not a problem", () =>
  withFaults([DUPLICATE], async (emulator, agent) => {
    let problems = 0;
    emulator.addEventListener("problem", () => problems += 1);
    const { acked } = emulator.sendPayload(samplePayload());

    const [first, second] = await agent.waitForFrames(2);
    assert.deepEqual(first, second);
    if (first !== undefined) agent.ack(first);
    if (second !== undefined) agent.ack(second);
    await acked;
    await until(() => emulator.received.length === 2, "both acknowledgements came");
    assert.equal(problems, 0);
  }));

test("Reordered messages arrive in swapped pairs, and one without a partner 100 ms later", () =>
  withFaults([REORDER], async (emulator, agent, time) => {
    sendAll(emulator, "a", "b", "c", "d", "e");
    await agent.waitForTexts(4);
    await time.advance(99);
    assert.deepEqual(agent.texts, ["b", "a", "d", "c"]);
    await time.advance(1);
    await agent.waitForTexts(5);

    sendAll(emulator, "f", "g");
    await agent.waitForTexts(7);
    assert.deepEqual(agent.texts.slice(4), ["e", "g", "f"]);
    assert.equal(time.pendingTimers(), 0);
  }));

test("The time that a lone message waits for a partner can be set", () =>
  withFaults([{ ...REORDER, withinMs: 3 }], async (emulator, agent, time) => {
    sendAll(emulator, "a");
    await time.advance(3);
    assert.deepEqual(await agent.waitForTexts(1), ["a"]);
  }));

test("Fragmented messages arrive as a first frame and continuations of the requested size", async () => {
  await using emulator = await AcsEmulator.listen(OPTIONS);
  emulator.injectFault({ at: "connection", action: "fragment", bytes: 3 }, { next: 1 });
  const agent = await RawAgent.upgrade(emulator);

  emulator.sendRaw("aä€");
  emulator.sendRaw(new Uint8Array([1, 2, 3]));
  emulator.sendRaw("");

  const frames: RawFrame[] = [];
  for (const _ of [1, 2, 3, 4]) frames.push(await agent.connection.readFrame());
  const summary = frames.map(({ opcode, fin, payload }) => [opcode, fin, payload.length]);
  assert.deepEqual(summary, [
    [OPCODE.text, false, 3],
    [OPCODE.continuation, true, 3],
    [OPCODE.binary, true, 3],
    [OPCODE.text, true, 0],
  ]);
  const text = Buffer.concat(frames.slice(0, 2).map(({ payload }) => payload));
  assert.equal(String(text), "aä€");
  await agent.leave();
});

test("A whole payload in fragments of one byte is reassembled by an agent", () =>
  withFaults([{ at: "connection", action: "fragment", bytes: 1 }], async (emulator, agent) => {
    const { messageId, acked } = emulator.sendPayload(samplePayload());
    const [payload] = await agent.waitForFrames(1);
    assert.equal(payload?.message.messageId, messageId);
    if (payload !== undefined) agent.ack(payload);
    await acked;
  }));

test("An agent's frames are read no faster than requested", () =>
  withFaults(
    [{ at: "connection", action: "slowRead", bytesPerSecond: 100 }],
    async (emulator, agent, time) => {
      const ack = { type: "HeartbeatAckRequest", message: { messageId: "slow", padding: "" } };
      const padding = "x".repeat(500 - JSON.stringify(ack).length);
      agent.send(ack.type, { ...ack.message, padding });

      const elapsedMs = await advanceUntil(time, () => emulator.received.length > 0);

      // 8 bytes of head and mask and 500 of content, of which the last read may have returned 4.
      assert.ok(elapsedMs >= 5_050, String(elapsedMs));
    },
  ));

test("An agent that closes while it is read slowly is read to the end", () =>
  withFaults(
    [{ at: "connection", action: "slowRead", bytesPerSecond: 1_000 }],
    async (emulator, agent, time) => {
      agent.send("HeartbeatAckRequest", { messageId: "last words" });
      agent.close(4001, "bye");

      await advanceUntil(time, () => emulator.connections[0]?.disconnectedAt !== undefined);

      assert.equal(emulator.received[0]?.messageId, "last words");
      assert.equal(emulator.connections[0]?.closeCode, 4001);
      await until(() => time.pendingTimers() === 0, "nothing is read any more");
    },
  ));

/** Advances time in steps of one read; returns the time passed, in ms. */
async function advanceUntil(time: FakeTime, condition: () => boolean): Promise<number> {
  let elapsedMs = 0;
  while (!condition()) {
    await time.advance(50);
    elapsedMs += 50;
  }
  return elapsedMs;
}

test("Clearing slow reading delivers all buffered frames immediately", () =>
  withFaults(
    [{ at: "connection", action: "slowRead", bytesPerSecond: 1 }],
    async (emulator, agent, time) => {
      agent.send("HeartbeatAckRequest", { messageId: "late" });
      await turns(50);
      assert.equal(emulator.received.length, 0);
      emulator.clearFaults();
      await emulator.waitForMessage("HeartbeatAckRequest");
      assert.equal(time.pendingTimers(), 0);
    },
  ));

test("A stalled connection stays stalled when faults are cleared or slow reading is injected", () =>
  withFaults(
    [{ at: "connection", action: "slowRead", bytesPerSecond: 10_000 }],
    async (emulator, agent, time) => {
      emulator.stallConnections();
      assert.equal(time.pendingTimers(), 0);
      emulator.injectFault({ at: "connection", action: "slowRead", bytesPerSecond: 10_000 });
      assert.equal(time.pendingTimers(), 0);
      emulator.clearFaults();
      agent.send("HeartbeatAckRequest", { messageId: "never" });
      sendAll(emulator, "never");
      await turns(50);
      await time.advance(10_000);
      assert.equal(emulator.received.length, 0);
      assert.deepEqual(agent.texts, []);
      assert.equal(time.pendingTimers(), 0);
    },
  ));

test("Faults that are active together reorder, then duplicate, then delay, then fragment", async () => {
  await withFakeTime(async (time) => {
    await using emulator = await AcsEmulator.listen(OPTIONS);
    const fragment: ConnectionFault = { at: "connection", action: "fragment", bytes: 2 };
    for (const fault of [fragment, DELAY, DUPLICATE, REORDER]) {
      emulator.injectFault(fault, { next: 1 });
    }
    const agent = await RawAgent.upgrade(emulator);
    const head = agent.received.length;
    sendAll(emulator, "abc", "def", "ghi");
    await time.advance(999);
    assert.equal(agent.received.length, head);

    await time.advance(101);
    // The lone third message waited 100 ms first, and is sent after another 1000 ms.
    const first: string[] = [];
    for (let frame = 0; frame < 8; frame++) first.push(show(await agent.connection.readFrame()));
    assert.deepEqual(first, ["de-", "+f", "de-", "+f", "ab-", "+c", "ab-", "+c"]);
    await time.advance(0);
    const second: string[] = [];
    for (let frame = 0; frame < 4; frame++) second.push(show(await agent.connection.readFrame()));
    assert.deepEqual(second, ["gh-", "+i", "gh-", "+i"]);
    assert.equal(time.pendingTimers(), 0);
    await agent.leave();
  });
});

/** A frame as text: a minus if more fragments follow, a plus if it is a continuation. */
function show({ opcode, fin, payload }: RawFrame): string {
  return `${opcode === OPCODE.continuation ? "+" : ""}${payload}${fin ? "" : "-"}`;
}

test("Clearing lasting faults immediately sends the held-back messages, in the faults' order", () =>
  withFaults([DELAY, REORDER, DUPLICATE], async (emulator, agent, time) => {
    sendAll(emulator, "a", "b", "c");
    emulator.clearFaults();
    sendAll(emulator, "d");

    assert.deepEqual(await agent.waitForTexts(7), ["b", "b", "a", "a", "c", "c", "d"]);
    assert.equal(time.pendingTimers(), 0);
  }));

test("Clearing one instance's faults leaves those of another instance active", async () => {
  await using emulator = await AcsEmulator.listen(OPTIONS);
  const agent = await TestAgent.connect(emulator);
  const other = await TestAgent.connect(emulator, { query: OTHER_INSTANCE });
  emulator.injectFault(DUPLICATE);
  const { containerInstanceArn = "" } = OTHER_INSTANCE;

  emulator.clearFaults({ containerInstanceArn });
  emulator.sendRaw("once", { containerInstanceArn });
  emulator.sendRaw("then");
  emulator.sendRaw("twice", {
    containerInstanceArn: emulator.connections[0]?.containerInstanceArn ?? "",
  });

  assert.deepEqual(await other.waitForTexts(2), ["once", "then"]);
  assert.deepEqual(await agent.waitForTexts(2), ["twice", "twice"]);
  await agent.leave();
  await other.leave();
});

test("A lasting fault may begin later, and ends with its connection", () =>
  withFaults([{ ...DUPLICATE, afterMs: 1_000 }], async (emulator, agent, time) => {
    sendAll(emulator, "a");
    await time.advance(1_000);
    sendAll(emulator, "b");
    assert.deepEqual(await agent.waitForTexts(3), ["a", "b", "b"]);

    const next = await TestAgent.connect(emulator);
    sendAll(emulator, "c", "d");
    assert.deepEqual(await next.waitForTexts(2), ["c", "d"]);
    await next.leave();
  }));

test("Over TLS, slow reading and fragments work as over plain TCP", async () => {
  const { ca, key, cert } = await createTestCa();
  const tls = { key, cert };
  await using emulator = await AcsEmulator.listen({ ...OPTIONS, hostname: "localhost", tls });
  emulator.injectFault({ at: "connection", action: "fragment", bytes: 5 }, { next: 1 });
  emulator.injectFault({ at: "connection", action: "slowRead", bytesPerSecond: 1 }, { next: 1 });
  const agent = await TestAgent.connect(emulator, { ca });

  const { messageId } = emulator.sendPayload(samplePayload());
  const [payload] = await agent.waitForFrames(1);
  assert.equal(payload?.message.messageId, messageId);
  agent.send("HeartbeatAckRequest", { messageId: "slow" });
  await turns(50);
  assert.equal(emulator.received.length, 0);
  emulator.clearFaults();
  await emulator.waitForMessage("HeartbeatAckRequest");
  await agent.leave();
});

test("One of several faults can be cleared by its id, and the others continue", () =>
  withFaults([], async (emulator, agent, time) => {
    const delay = emulator.injectFault(DELAY);
    const duplicate = emulator.injectFault(DUPLICATE);
    const later = emulator.injectFault({ at: "connection", action: "reset", afterMs: 60_000 });
    const waiting = emulator.injectFault({ at: "api", action: "hang" });
    emulator.injectFault({ at: "discover", action: "hang" });
    sendAll(emulator, "a");

    emulator.clearFaults({ id: delay });
    await agent.waitForTexts(2);
    assert.deepEqual(agent.texts, ["a", "a"]);
    emulator.clearFaults({ id: duplicate });
    sendAll(emulator, "b");
    await agent.waitForTexts(3);
    emulator.clearFaults({ id: later });
    emulator.clearFaults({ id: waiting });
    emulator.clearFaults({ id: waiting });
    for (const id of ["fault-6", "fault-0", "fault-01", "delay"]) {
      assert.throws(() => emulator.clearFaults({ id }), {
        name: "RangeError",
        message: `id: no fault has the id ${id}`,
      });
    }
    await time.advance(60_000);

    assert.deepEqual(agent.texts, ["a", "a", "b"]);
    const { body: { waiting: left, active } } = await call(emulator, "/emulator/faults");
    assert.deepEqual(active, []);
    assert.deepEqual(left, [
      { id: "fault-5", fault: { at: "discover", action: "hang" }, left: 1 },
    ]);
  }));
