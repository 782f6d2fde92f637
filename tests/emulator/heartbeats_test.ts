import assert from "node:assert/strict";
import { type Clock, install } from "@sinonjs/fake-timers";
import { Heartbeats } from "../../emulator/acs/heartbeats.ts";
import { AcsEmulator } from "../../emulator/mod.ts";
import { test } from "../testing/test.ts";
import { TestAgent } from "./test_agent.ts";

/** Runs a test body by a fake clock. */
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

/** Heartbeats every 30 s on a connection that only takes notes. */
function start(missedLimit: number): {
  connection: { open: boolean; close(code: number, reason: string): void };
  heartbeats: Heartbeats;
  sent: string[];
  closed: [number, string][];
} {
  const sent: string[] = [];
  const closed: [number, string][] = [];
  const connection = {
    open: true,
    close: (code: number, reason: string) => void closed.push([code, reason]),
  };
  const send = () => {
    sent.push(`beat ${sent.length + 1}`);
    return `beat ${sent.length}`;
  };
  const heartbeats = new Heartbeats({ connection, nextDelayMs: () => 30_000, missedLimit, send });
  heartbeats.start();
  return { connection, heartbeats, sent, closed };
}

test("The first heartbeat comes at once, the next ones at every interval", () => {
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

test("A connection is closed when three heartbeats in a row were not answered", () => {
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

test("An answer to any heartbeat makes good for those before it", () => {
  withFakeTime((clock) => {
    const { heartbeats, sent, closed } = start(3);
    clock.tick(60_000);
    assert.equal(heartbeats.answered("beat 2"), true);
    assert.equal(heartbeats.answered("beat 2"), false);
    assert.equal(heartbeats.answered("someone else's"), false);
    clock.tick(60_000);
    assert.deepEqual([sent.length, closed.length], [5, 0]);
    heartbeats.stop();
  });
});

test("No heartbeat goes over a connection that is no longer open", () => {
  withFakeTime((clock) => {
    const { connection, sent } = start(3);
    connection.open = false;
    clock.tick(300_000);
    assert.equal(sent.length, 1);
    assert.equal(clock.countTimers(), 0);
  });
});

test("An agent hears a heartbeat right after connecting, and its answer is no problem", async () => {
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

for (const [protocolVersion, closes] of [["2", true], ["1", false]] as const) {
  const outcome = closes ? "closed" : "kept";
  test(`An agent of protocol version ${protocolVersion} that answers no heartbeat is ${outcome}`, async () => {
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
