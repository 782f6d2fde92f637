import assert from "node:assert/strict";
import { type Clock, install } from "@sinonjs/fake-timers";
import { type HeartbeatConnection, Heartbeats } from "../../emulator/acs/heartbeats.ts";
import { resolveOptions } from "../../emulator/resolve_options.ts";
import { AcsEmulator } from "../../emulator/mod.ts";
import { test } from "../testing/test.ts";
import { TestAgent } from "./test_agent.ts";

/** Runs a test body under a fake clock. */
function withFakeTime(body: (clock: Clock) => void): void {
  const clock = install({
    toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date"],
  });
  try {
    body(clock);
  } finally {
    clock.uninstall();
  }
}

/** Heartbeats every 30 s on a connection that only records them. */
function start(missedLimit: number): {
  connection: { -readonly [K in keyof HeartbeatConnection]: HeartbeatConnection[K] };
  heartbeats: Heartbeats;
  sent: string[];
  missed: string[];
  closed: [number, string][];
} {
  const sent: string[] = [];
  const missed: string[] = [];
  const closed: [number, string][] = [];
  const connection = {
    open: true,
    slowed: false,
    copies: 1,
    close: (code: number, reason: string) => void closed.push([code, reason]),
  };
  const heartbeats = new Heartbeats({
    connection,
    nextDelayMs: () => 30_000,
    missedLimit,
    send() {
      sent.push(`beat ${sent.length + 1}`);
      return `beat ${sent.length}`;
    },
    missed: (messageId) => void missed.push(messageId),
  });
  heartbeats.start();
  return { connection, heartbeats, sent, missed, closed };
}

test("The first heartbeat is sent immediately, the next ones at every interval", () => {
  withFakeTime((clock) => {
    const { heartbeats, sent } = start(0);
    assert.equal(sent.length, 1);
    clock.tick(29_999);
    assert.equal(sent.length, 1);
    clock.tick(1);
    assert.equal(sent.length, 2);
    clock.tick(300_000);
    assert.equal(sent.length, 12);
    heartbeats.stop();
    clock.tick(300_000);
    assert.equal(sent.length, 12);
    assert.equal(clock.countTimers(), 0);
  });
});

test("A connection is closed after three consecutive unanswered heartbeats", () => {
  withFakeTime((clock) => {
    const { sent, closed } = start(3);
    clock.tick(60_000);
    assert.deepEqual([sent.length, closed.length], [3, 0]);
    clock.tick(30_000);
    assert.deepEqual([sent.length, closed], [3, [[
      1000,
      "HeartbeatAckMissing: Reconnect to continue",
    ]]]);
    assert.equal(clock.countTimers(), 0);
  });
});

test("An answer also covers all earlier heartbeats", () => {
  withFakeTime((clock) => {
    const { heartbeats, sent, closed } = start(3);
    clock.tick(60_000);
    assert.equal(heartbeats.answered("beat 2"), "settled");
    assert.equal(heartbeats.answered("someone else's"), undefined);
    clock.tick(60_000);
    assert.deepEqual([sent.length, closed.length], [5, 0]);
    heartbeats.stop();
  });
});

test("An unanswered heartbeat is reported when the next is due, and the last one before the close", () => {
  withFakeTime((clock) => {
    const { heartbeats, missed, closed } = start(3);
    clock.tick(29_999);
    heartbeats.answered("beat 1");
    clock.tick(1);
    assert.deepEqual(missed, []);
    clock.tick(29_999);
    assert.deepEqual(missed, []);
    clock.tick(1);
    assert.deepEqual(missed, ["beat 2"]);
    clock.tick(60_000);
    assert.deepEqual([missed, closed.length], [["beat 2", "beat 3", "beat 4"], 1]);
  });
});

test("A late or out-of-order answer still answers its heartbeat", () => {
  withFakeTime((clock) => {
    const { heartbeats, missed } = start(0);
    clock.tick(30_000);
    assert.equal(heartbeats.answered("beat 2"), "settled");
    assert.equal(heartbeats.answered("beat 1"), "settled");
    clock.tick(30_000);
    assert.deepEqual(missed, ["beat 1"]);
    heartbeats.stop();
  });
});

test("More answers than copies of a heartbeat are a problem", () => {
  withFakeTime((clock) => {
    const { connection, heartbeats } = start(0);
    assert.equal(heartbeats.answered("beat 1"), "settled");
    assert.equal(heartbeats.answered("beat 1"), "surplus");
    connection.copies = 2;
    clock.tick(30_000);
    assert.equal(heartbeats.answered("beat 2"), "settled");
    assert.equal(heartbeats.answered("beat 2"), "repeated");
    assert.equal(heartbeats.answered("beat 2"), "surplus");
    heartbeats.stop();
  });
});

test("An agent is not blamed for heartbeats that an injected fault delays", () => {
  withFakeTime((clock) => {
    const { connection, heartbeats, missed } = start(0);
    connection.slowed = true;
    clock.tick(60_000);
    connection.slowed = false;
    clock.tick(30_000);
    assert.deepEqual(missed, []);
    clock.tick(30_000);
    assert.deepEqual(missed, ["beat 4"]);
    heartbeats.stop();
  });
});

test("No heartbeat is sent over a connection that is no longer open", () => {
  withFakeTime((clock) => {
    const { connection, sent } = start(3);
    connection.open = false;
    clock.tick(300_000);
    assert.equal(sent.length, 1);
    assert.equal(clock.countTimers(), 0);
  });
});

test("An agent gets a heartbeat right after connecting, and its answer is not a problem", async () => {
  await using emulator = await AcsEmulator.listen();
  const problems: string[] = [];
  emulator.addEventListener("problem", ({ detail }) => problems.push(detail.problem));
  const agent = await TestAgent.connect(emulator);
  const [text = ""] = await agent.waitForTexts(1);
  const { type, message } = JSON.parse(text);
  assert.deepEqual([type, message.healthy], ["HeartbeatMessage", true]);

  agent.send("HeartbeatAckRequest", { messageId: message.messageId });

  const answer = await emulator.expectAck(message.messageId);
  assert.equal(answer.type, "HeartbeatAckRequest");
  assert.deepEqual(problems, []);
  await agent.leave();
});

test("An agent that does not answer heartbeats violates the protocol", async () => {
  await using emulator = await AcsEmulator.listen({ heartbeatIntervalMs: 20 });
  const agent = await TestAgent.connect(emulator);
  const { problem } = await emulator.waitFor("problem");
  assert.match(
    problem,
    /^HeartbeatMessage with messageId \S+ was not answered by the time the next was due$/,
  );
  await agent.leave();
});

test("Heartbeats are sent at the service's pace by default", () => {
  assert.deepEqual(resolveOptions({}).heartbeatIntervalMs, [55_000, 56_000]);
});

for (const [protocolVersion, closes] of [["2", true], ["1", false]] as const) {
  const outcome = closes ? "closed" : "kept";
  test(`An agent of protocol version ${protocolVersion} that does not answer heartbeats is ${outcome}`, async () => {
    await using emulator = await AcsEmulator.listen({
      heartbeatIntervalMs: 1,
      missedHeartbeatLimit: 2,
    });
    const agent = await TestAgent.connect(emulator, { query: { protocolVersion } });

    if (closes) {
      const { code, reason } = await agent.ended;
      assert.deepEqual([code, reason], [1000, "HeartbeatAckMissing: Reconnect to continue"]);
      assert.equal(agent.texts.length, 2);
    } else {
      await agent.waitForTexts(5);
      await agent.leave();
    }
  });
}
