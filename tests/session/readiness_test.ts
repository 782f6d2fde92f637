/**
 * A session is ready only while the service reaches it: each test plays a peer or a network path
 * that keeps connections open or reconnects immediately, and is useless.
 */

import assert from "node:assert/strict";
import { ConnectError } from "../../errors.ts";
import type { MemoryConnection } from "../testing/fakes/memory_transport.ts";
import { turns, until } from "../testing/fakes/fake_time.ts";
import { ARNS, type SessionStage, withSession } from "../testing/fakes/session_stage.ts";
import { test } from "../testing/test.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** Advances time, and checks the health every second. */
async function look(stage: SessionStage, ms: number): Promise<{ ready: number; looks: number }> {
  let ready = 0;
  let looks = 0;
  for (let passed = 0; passed < ms; passed += SECOND) {
    // Signing takes real event loop turns; no time must pass during them.
    await until(() => /connected|waiting/.test(stage.session.state.status), "it has decided");
    await stage.time.advance(SECOND);
    looks += 1;
    if (stage.session.health().ready) ready += 1;
  }
  return { ready, looks };
}

/** Does the same to every connection while it is served: a peer. */
function onEachConnection(
  stage: SessionStage,
  play: (connection: MemoryConnection, count: number) => void,
): void {
  stage.session.addEventListener("connected", async () => {
    const count = stage.transport.connections.length;
    await stage.connected(count);
    play(stage.transport.connection, count);
  });
}

const hostsOf = (stage: SessionStage) =>
  stage.transport.requests.map(({ url }) => new URL(url).hostname);

test("With a peer that accepts and never sends anything, the session is not ready at any time in an hour, reports that it is failing, and calls ECS again", () =>
  withSession({}, async (stage) => {
    stage.start();
    await stage.connected();
    const { ready, looks } = await look(stage, 60 * MINUTE);
    assert.deepEqual([ready, looks], [0, 3600]);
    assert.deepEqual(stage.session.health().reasons, ["silent"]);
    assert.ok(stage.eventsOf("failing").length >= 55);
    const { error } = stage.eventsOf("failing").at(-1) ?? {};
    assert.match(String(error), /useless.*no frame was received within the idle timeout/);
    assert.ok(stage.ecs.calls.length >= 15, `${stage.ecs.calls.length} calls to ECS`);
  }));

for (
  const { what, frame } of [
    { what: "only HTML", frame: "<html>" },
    { what: "only an unknown message type", frame: '{"type":"Unheard","message":{}}' },
    { what: "only ErrorMessages", frame: '{"type":"ErrorMessage","message":{"message":"no"}}' },
    { what: "only CloseMessages", frame: '{"type":"CloseMessage","message":{"message":"bye"}}' },
    { what: "only an exception", frame: '{"type":"ServerException","message":{"message":"no"}}' },
    { what: "only binary noise", frame: new Uint8Array([255]) },
  ]
) {
  test(`A peer that sends ${what} every 30 s keeps its connection, but the session is never ready`, () =>
    withSession({}, async (stage) => {
      stage.start();
      const connection = await stage.connected();
      for (let count = 0; count < 50; count++) {
        connection.frame(frame);
        const { ready } = await look(stage, 30 * SECOND);
        assert.equal(ready, 0);
      }
      assert.equal(stage.transport.connections.length, 1);
      assert.equal(connection.left, undefined);
      assert.deepEqual(stage.session.health().reasons, ["silent"]);
    }));
}

test("With a service that only sends heartbeats, the session is ready for as long as they arrive, and during the reconnects every half hour", () =>
  withSession({}, async (stage) => {
    onEachConnection(stage, (connection) => connection.message("HeartbeatMessage", {}));
    stage.start();
    await stage.connected();
    await turns(1);
    assert.equal(stage.session.health().ready, true);
    for (let count = 0; count < 110; count++) {
      const { ready } = await look(stage, 55 * SECOND);
      assert.equal(ready, 55, `heartbeat ${count}`);
      stage.transport.connection.message("HeartbeatMessage", {});
    }
    assert.equal(stage.transport.connections.length, 4);
    assert.deepEqual(stage.eventsOf("waiting"), []);
  }));

test("During a routine reconnect the session stays ready at every step; if the reconnect fails or hangs, it does not", () =>
  withSession({}, async (stage) => {
    const seen: string[] = [];
    const note = () => {
      const { state, ready } = stage.session.health();
      seen.push(`${state.status} ${ready}`);
    };
    stage.session.addEventListener("statechange", note);
    stage.start();
    const first = await stage.connected(1);
    first.message("HeartbeatMessage", {});
    await stage.time.advance(10 * SECOND);
    seen.length = 0;
    first.end({ kind: "close", code: 1000, reason: "ConnectionExpired" });
    const second = await stage.connected(2);
    assert.deepEqual(seen, ["discovering true", "connecting true", "connected true"]);
    second.message("HeartbeatMessage", {});
    await stage.time.advance(10 * SECOND);

    stage.transport.plan = [{ kind: "hang" }];
    second.end({ kind: "close", code: 1000, reason: "" });
    await until(() => stage.transport.requests.length === 3, "it connects again");
    assert.equal(stage.session.health().ready, true);
    await stage.time.advance(5 * SECOND);
    assert.equal(stage.session.health().ready, true);
    await stage.time.advance(SECOND);
    assert.deepEqual(stage.session.health().reasons, ["not-connected"]);
  }));

test("A session that fails to connect after a clean close is no longer ready", () =>
  withSession({}, async (stage) => {
    stage.start();
    const connection = await stage.connected(1);
    connection.message("HeartbeatMessage", {});
    await stage.time.advance(10 * SECOND);
    stage.transport.plan = [{ kind: "fail", error: new ConnectError("down") }];
    connection.end({ kind: "close", code: 1000, reason: "" });
    await stage.waited(1);
    const { ready, reasons, problems } = stage.session.health();
    assert.equal(ready, false);
    assert.deepEqual(reasons, ["not-connected", "not-connected", "failing"]);
    assert.match(problems.join(), /not connected: waiting,ConnectError \(ACS-N07\): down/);
  }));

test("After two silent connections, the message of the good one before no longer counts, however recent", () =>
  withSession({}, async (stage) => {
    stage.start();
    const good = await stage.connected(1);
    good.message("HeartbeatMessage", {});
    await stage.time.advance(5 * SECOND);
    good.end({ kind: "eof" });
    const silent = await stage.connected(2);
    assert.equal(stage.session.health().ready, true);
    await stage.time.advance(5 * SECOND);
    silent.end({ kind: "eof" });
    await stage.connected(3);
    assert.deepEqual(stage.session.health().reasons, ["silent"]);
  }));

test("With a peer that repeatedly sends a heartbeat and drops, the session is not ready from the second time on, until a connection lasts five seconds", () =>
  withSession({}, async (stage) => {
    stage.start();
    for (let count = 1; count <= 10; count++) {
      const connection = await stage.connected(count);
      connection.message("HeartbeatMessage", {});
      assert.equal(stage.session.health().ready, count <= 2, `connection ${count}`);
      connection.end({ kind: "close", code: 1001, reason: "" });
      if (count === 1) continue;
      const delayMs = await stage.waited(count - 1);
      assert.equal(stage.session.health().ready, false);
      await stage.time.advance(delayMs);
    }
    const connection = await stage.connected(11);
    connection.message("HeartbeatMessage", {});
    await stage.time.advance(5 * SECOND - 1);
    assert.deepEqual(stage.session.health().reasons, ["short-lived"]);
    await stage.time.advance(1);
    assert.equal(stage.session.health().ready, true);
  }));

test("A path that passes small frames and swallows large ones: after the second silence the session is not ready, reports that it is failing, and calls ECS again", () =>
  withSession({}, async (stage) => {
    stage.ecs.answers = [
      () => Response.json({ endpoint: "https://old.example" }),
      () => Response.json({ endpoint: "https://new.example" }),
    ];
    // Each connection delivers a heartbeat, and nothing after the payload that does not fit.
    onEachConnection(stage, (connection, count) => {
      if (count <= 6) setTimeout(() => connection.message("HeartbeatMessage", {}), 6 * SECOND);
    });
    stage.start();
    await stage.connected();
    await look(stage, 140 * SECOND);
    assert.equal(stage.transport.connections.length, 3);
    const { ready } = await look(stage, 4 * MINUTE);
    assert.equal(ready, 0);
    assert.deepEqual(stage.session.health().reasons, ["silent"]);
    assert.ok(stage.eventsOf("failing").length >= 2);
    assert.equal(stage.ecs.calls.length, 2);
    assert.deepEqual(new Set(hostsOf(stage).slice(3)), new Set(["new.example"]));
    // The path works again.
    await look(stage, MINUTE);
    assert.equal(stage.transport.connections.length, 7);
    for (let half = 0; half < 3; half++) {
      stage.transport.connection.message("HeartbeatMessage", {});
      await stage.time.advance(30 * SECOND);
    }
    assert.equal(stage.session.health().ready, true);
    const reports = stage.eventsOf("failing").length;
    for (let half = 0; half < 10; half++) {
      stage.transport.connection.message("HeartbeatMessage", {});
      await stage.time.advance(30 * SECOND);
    }
    assert.equal(stage.eventsOf("failing").length, reports);
  }));

test("A path that swallows what the session sends: a payload that is redelivered although it was answered is reported, the session is not ready, and ECS is called again", () =>
  withSession({
    payloadMessageHandler: { processMessage: (_message, ack) => ack() },
  }, async (stage) => {
    const closed = { kind: "close", code: 1000, reason: "" } as const;
    stage.start();
    for (let count = 1; count <= 7; count++) {
      const connection = await stage.connected(count);
      connection.message("HeartbeatMessage", { messageId: `h${count}` });
      connection.message("PayloadMessage", { messageId: "p1", ...ARNS });
      await turns(3);
      assert.equal(connection.sentOf("AckRequest").length, 1);
      assert.equal(stage.session.health().ready, count <= 2, `connection ${count}`);
      await stage.time.advance(8 * SECOND);
      connection.end(closed);
    }
    await stage.connected(8);
    assert.deepEqual(stage.eventsOf("answerslost"), [
      { type: "PayloadMessage", messageId: "p1", connections: 2 },
    ]);
    assert.deepEqual(stage.session.health().reasons, ["answers-lost"]);
    assert.equal(stage.ecs.calls.length, 2);
    // The answer has arrived: the payload is not redelivered any more.
    stage.transport.connection.message("HeartbeatMessage", { messageId: "h8" });
    await stage.time.advance(50 * SECOND);
    stage.transport.connection.message("HeartbeatMessage", { messageId: "h9" });
    await stage.time.advance(59 * SECOND);
    stage.transport.connection.message("HeartbeatMessage", { messageId: "h10" });
    await stage.time.advance(10 * SECOND);
    assert.equal(stage.session.health().ready, true);
  }));

test("A session that is stopped, or was never started, is not ready", () =>
  withSession({}, async (stage) => {
    assert.deepEqual(stage.session.health().reasons, ["not-connected"]);
    stage.start();
    (await stage.connected()).message("HeartbeatMessage", {});
    assert.equal(stage.session.health().ready, true);
    assert.equal(stage.session.health().lastMessageAt, Date.now());
    await stage.stop();
    assert.deepEqual(stage.session.health().problems, ["not connected: stopped"]);
  }));

test("A handler that keeps failing is shown until it succeeds, and the session stays ready", () => {
  let fails = true;
  return withSession({
    payloadMessageHandler: {
      processMessage(_message, ack) {
        if (fails) throw new Error("the handler is broken");
        return ack();
      },
    },
  }, async (stage) => {
    stage.start();
    const connection = await stage.connected();
    connection.message("HeartbeatMessage", { messageId: "h1" });
    for (const messageId of ["p1", "p2", "p3"]) {
      assert.equal(stage.session.health().ready, true);
      connection.message("PayloadMessage", { messageId, ...ARNS });
      await turns(3);
    }
    const { ready, failingHandlers } = stage.session.health();
    assert.equal(ready, true);
    assert.deepEqual(
      failingHandlers.map(({ type, failuresInARow }) => [type, failuresInARow]),
      [["PayloadMessage", 3]],
    );
    fails = false;
    connection.message("PayloadMessage", { messageId: "p4", ...ARNS });
    await turns(3);
    assert.equal(stage.session.health().ready, true);
    assert.deepEqual(stage.session.health().failingHandlers, []);
  });
});

test("The health is plain data: nothing is lost as JSON, not even the last error's message", () =>
  withSession({}, async (stage) => {
    const error = new ConnectError("Cannot reach acs.example");
    stage.transport.plan = [{ kind: "fail", error }];
    stage.start();
    await stage.waited(1);
    const health = stage.session.health();
    assert.equal(health.lastError?.message, error.message);
    const defined = Object.fromEntries(
      Object.entries(health).filter(([, value]) => value !== undefined),
    );
    assert.deepEqual(JSON.parse(JSON.stringify(health)), defined);
  }));
