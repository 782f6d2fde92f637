import assert from "node:assert/strict";
import { Session } from "../../session/session.ts";
import { withCapturedLog } from "../testing/fakes/captured_log.ts";
import { turns, until } from "../testing/fakes/fake_time.ts";
import { MemoryConnection } from "../testing/fakes/memory_transport.ts";
import { refusedWith, UNREACHABLE } from "../testing/fakes/failed_connects.ts";
import {
  ARNS,
  CONTAINER_INSTANCE_ARN,
  CREDENTIALS,
  withSession,
} from "../testing/fakes/session_stage.ts";
import { test } from "../testing/test.ts";

test("start resolves once the session has stopped, whatever the abort reason", () =>
  withSession({}, async (stage) => {
    stage.start();
    const connection = await stage.connected();
    assert.equal(await stage.stop(new Error("enough")), undefined);
    assert.deepEqual(connection.left, { code: 1000, reason: "Stopped" });
    assert.equal(stage.session.state.status, "stopped");
    assert.equal(stage.eventsOf("stopped").length, 1);
  }));

test("Disposing of the session stops it, and start resolves", () =>
  withSession({}, async (stage) => {
    stage.start();
    await stage.connected();
    await stage.session[Symbol.asyncDispose]();
    assert.equal(await stage.stop(), undefined);
  }));

test("A session can be started only once", () =>
  withSession({}, async (stage) => {
    stage.start();
    await stage.connected();
    await assert.rejects(stage.session.start(), /already been started; create a new one/);
  }));

test("A misspelled option of start is refused, and the session can still be started", () =>
  withSession({}, async (stage) => {
    const misspelled: object = { signals: new AbortController().signal };
    await assert.rejects(stage.session.start(misspelled), {
      name: "RangeError",
      message: "There is no option signals; did you mean signal?",
    });
    stage.start();
    await stage.connected();
  }));

test("A stop between two steps starts no further step", () =>
  withSession({}, async (stage) => {
    stage.session.addEventListener("discovered", () => void stage.session.stop());
    stage.start();
    await until(() => stage.session.state.status === "stopped", "it stops");
    assert.equal(stage.eventsOf("connecting").length, 0);
    assert.equal(stage.eventsOf("connectfailed").length, 0);
  }));

test("A transport that ignores its signal cannot keep a session from stopping", () => {
  const late = Promise.withResolvers<MemoryConnection>();
  const connecting = Promise.withResolvers<void>();
  return withSession({
    transport: {
      connect() {
        connecting.resolve();
        return late.promise;
      },
    },
  }, async (stage) => {
    stage.start();
    await connecting.promise;
    await stage.session.stop();
    const connection = new MemoryConnection();
    late.resolve(connection);
    await turns(2);
    assert.equal(connection.left?.code, 1000, "the late connection is closed");
  });
});

test("A session that is stopped before it is started never connects, and start resolves", async () => {
  const session = new Session({
    region: "us-west-2",
    containerInstanceArn: CONTAINER_INSTANCE_ARN,
    credentials: CREDENTIALS,
    agentVersion: "1",
  });
  await session.stop();
  assert.equal(session.state.status, "stopped");
  await session.start();
  assert.equal(session.state.status, "stopped");
});

test("A session whose signal is already aborted resolves without connecting", async () => {
  const session = new Session({
    region: "us-west-2",
    containerInstanceArn: CONTAINER_INSTANCE_ARN,
    credentials: CREDENTIALS,
    agentVersion: "1",
  });
  await session.start({ signal: AbortSignal.abort(new Error("too early")) });
  assert.equal(session.state.status, "stopped");
});

test("A stop lets a handler finish and acknowledge before the connection is closed", async () => {
  const finish = Promise.withResolvers<void>();
  await withSession({
    payloadMessageHandler: {
      async processMessage(_message, ack) {
        await finish.promise;
        await ack();
      },
    },
  }, async (stage) => {
    stage.start();
    const connection = await stage.connected();
    connection.message("PayloadMessage", { messageId: "p1", ...ARNS });
    connection.message("PayloadMessage", { messageId: "p2", ...ARNS });
    const stopped = stage.session.stop();
    await stage.time.advance(4_000);
    assert.equal(connection.left, undefined);
    connection.message("HeartbeatMessage", { messageId: "h" });
    assert.equal(connection.sentOf("HeartbeatAckRequest").length, 1);
    finish.resolve();
    await stopped;
    assert.deepEqual(
      connection.sentOf("AckRequest").length,
      1,
      "the queued message is left to the service",
    );
    assert.deepEqual(connection.left, { code: 1000, reason: "Stopped" });
  });
});

test("A stop waits for a hanging handler no longer than configured, and logs the type of its message", () =>
  withCapturedLog(({ records }) =>
    withSession({
      timing: { drainTimeoutMs: 2_000 },
      payloadMessageHandler: { processMessage: () => new Promise<void>(() => {}) },
    }, async (stage) => {
      stage.start();
      const connection = await stage.connected();
      connection.message("PayloadMessage", { messageId: "p1", ...ARNS });
      const stopped = stage.session.stop();
      await stage.time.advance(1_999);
      assert.equal(connection.left, undefined);
      await stage.time.advance(1);
      await stopped;
      assert.deepEqual(connection.left, { code: 1000, reason: "Stopped" });
      const warnings = records.filter(({ level }) => level === "warning");
      assert.deepEqual(warnings.map(({ properties }) => properties), [{ types: "PayloadMessage" }]);
    })
  ));

test("A connection that ends while the session drains does not interrupt handlers, and nothing is left behind", () => {
  const finish = Promise.withResolvers<void>();
  return withSession({
    payloadMessageHandler: { processMessage: () => finish.promise },
  }, async (stage) => {
    stage.start();
    const connection = await stage.connected();
    connection.message("PayloadMessage", { messageId: "p1", ...ARNS });
    let settled = false;
    const stopped = stage.session.stop().then(() => settled = true);
    assert.deepEqual(stage.session.health().problems, ["stopping"]);
    await stage.time.advance(1_000);
    connection.end({ kind: "eof" });
    await stage.time.advance(1_000);
    assert.equal(settled, false, "the handler is still running");
    finish.resolve();
    await stopped;
    assert.equal(stage.session.state.status, "stopped");
    assert.equal(stage.time.pendingTimers(), 0);
  });
});

test("Handlers get the same time for a stop without a connection, and no more", () =>
  withSession({
    payloadMessageHandler: { processMessage: () => new Promise<void>(() => {}) },
  }, async (stage) => {
    stage.start();
    const connection = await stage.connected();
    connection.message("PayloadMessage", { messageId: "p1", ...ARNS });
    stage.transport.plan = [UNREACHABLE];
    connection.end({ kind: "eof" });
    await stage.waited(1);
    let settled = false;
    const stopped = stage.session.stop().then(() => settled = true);
    await stage.time.advance(4_999);
    assert.equal(settled, false);
    await stage.time.advance(1);
    await stopped;
    assert.equal(stage.time.pendingTimers(), 0);
  }));

test("A stop interrupts whatever the session is waiting for: ECS, a connection attempt, a delay", async () => {
  await withSession({}, async (stage) => {
    stage.ecs.answers = [() => new Promise<Response>(() => {})];
    stage.start();
    await until(() => stage.ecs.calls.length === 1, "ECS is called");
    await stage.session.stop();
  });
  await withSession({}, async (stage) => {
    stage.transport.plan = [{ kind: "hang" }];
    stage.start();
    await until(() => stage.transport.headers.length === 1, "a connect is in progress");
    await stage.session.stop();
    assert.equal(stage.eventsOf("connectfailed").length, 0);
  });
  await withSession({}, async (stage) => {
    stage.transport.plan = [refusedWith("InactiveInstanceException")];
    stage.start();
    await stage.waited(1);
    await stage.session.stop();
  });
});

test("A stopped session leaves no timer behind", () =>
  withSession({}, async (stage) => {
    stage.transport.plan = [UNREACHABLE, { kind: "accept" }];
    stage.start();
    await stage.time.advance(await stage.waited(1));
    const connection = await stage.connected(1);
    connection.message("HeartbeatMessage", {});
    await stage.session.stop();
    assert.equal(stage.time.pendingTimers(), 0);
  }));
