import assert from "node:assert/strict";
import type { CloseMessage } from "../../protocol/messages.ts";
import type { RequestResponder, ResponderContext } from "../../responders/responder.ts";
import { withCapturedLog } from "../testing/fakes/captured_log.ts";
import { turns } from "../testing/fakes/fake_time.ts";
import { ARNS, withSession } from "../testing/fakes/session_stage.ts";
import { test } from "../testing/test.ts";

test("A heartbeat is answered immediately, even if it has no id", () =>
  withSession({}, async (stage) => {
    stage.start();
    const connection = await stage.connected();
    connection.message("HeartbeatMessage", { messageId: "h1", healthy: true });
    connection.message("HeartbeatMessage", {});
    assert.deepEqual(connection.sentOf("HeartbeatAckRequest"), [{ messageId: "h1" }, {}]);
  }));

test("A payload is acknowledged when the agent says so, with the credentials it accepted", () =>
  withSession({
    payloadMessageHandler: {
      processMessage: (_message, ack) =>
        ack([{ credentialsId: "c1", expiration: "2026-01-01T06:00:00Z" }]),
    },
  }, async (stage) => {
    stage.start();
    const connection = await stage.connected();
    connection.message("PayloadMessage", { messageId: "p1", ...ARNS, tasks: [] });
    assert.deepEqual(connection.sentOf("AckRequest"), [{
      cluster: ARNS.clusterArn,
      containerInstance: ARNS.containerInstanceArn,
      messageId: "p1",
    }]);
    assert.deepEqual(connection.sentOf("IAMRoleCredentialsAckRequest"), [
      { messageId: "p1", credentialsId: "c1", expiration: "2026-01-01T06:00:00Z" },
    ]);
  }));

test("A message without a handler is reported as such and not acknowledged", () =>
  withSession({}, async (stage) => {
    stage.start();
    const connection = await stage.connected();
    connection.message("PayloadMessage", { messageId: "p1", ...ARNS });
    assert.deepEqual(connection.sent, []);
    assert.equal(stage.eventsOf("dropped")[0]?.reason, "unhandled");
  }));

test("If a handler throws, the error is reported with type and id, the message is not acknowledged, and the session keeps running", () =>
  withSession({
    payloadMessageHandler: {
      processMessage() {
        throw new Error("disk full");
      },
    },
  }, async (stage) => {
    stage.start();
    const connection = await stage.connected();
    connection.message("PayloadMessage", { messageId: "p1", ...ARNS });
    await turns(5);
    const [dropped] = stage.eventsOf("dropped");
    assert.deepEqual([dropped?.reason, dropped?.type, dropped?.messageId], [
      "failed",
      "PayloadMessage",
      "p1",
    ]);
    assert.match(dropped?.description ?? "", /disk full/);
    assert.deepEqual(connection.sent, []);
    connection.message("HeartbeatMessage", { messageId: "h" });
    assert.equal(connection.sentOf("HeartbeatAckRequest").length, 1);
  }));

test("If a handler fails after acknowledging, the error is logged, and the message is not reported as unanswered", () =>
  withCapturedLog((log) =>
    withSession({
      payloadMessageHandler: {
        async processMessage(_message, ack) {
          await ack();
          throw new Error("too late");
        },
      },
    }, async (stage) => {
      stage.start();
      const connection = await stage.connected();
      connection.message("PayloadMessage", { messageId: "p1", ...ARNS });
      await turns(3);
      assert.equal(connection.sentOf("AckRequest").length, 1);
      assert.deepEqual(stage.eventsOf("dropped"), []);
      assert.match(log.text(), /error The handler of PayloadMessage p1 failed: .*too late/);
    })
  ));

test("A responder that returns something is not mistaken for one that failed", () =>
  withSession({}, async (stage) => {
    const taken: (string | null | undefined)[] = [];
    const responder: RequestResponder<"CloseMessage"> = {
      name: "close",
      messageType: "CloseMessage",
      handleMessage() {},
    };
    // As in JavaScript: (message) => taken.push(message.message)
    Reflect.set(responder, "handleMessage", (given: CloseMessage) => taken.push(given.message));
    stage.session.addResponder(responder);
    stage.start();
    const connection = await stage.connected();
    connection.message("CloseMessage", { message: "soon" });
    connection.message("CloseMessage", { message: "now" });
    await turns(2);
    assert.deepEqual(taken, ["soon", "now"]);
    assert.deepEqual(stage.eventsOf("dropped"), []);
  }));

test("Null fields of a message are left out of every answer to it", () =>
  withSession({
    updateHandler: {
      stageUpdate: (_message, answer) => answer.ack(),
      performUpdate: (_message, answer) => answer.nack("not now"),
    },
    taskComparer: {
      compareRunningTasksOnInstanceWithManifest: () => [{ taskArn: "arn:task:1" }],
    },
    payloadMessageHandler: {
      processMessage: (_message, ack) => ack([{ credentialsId: "c1", expiration: null }]),
    },
  }, async (stage) => {
    stage.start();
    const connection = await stage.connected();
    const without = { clusterArn: null, containerInstanceArn: null };
    connection.message("HeartbeatMessage", { messageId: null });
    connection.message("IAMRoleCredentialsMessage", {
      messageId: "c1",
      taskArn: "arn:task:1",
      roleType: "TaskExecution",
      roleCredentials: { credentialsId: "c1", expiration: null },
    });
    connection.message("StageUpdateMessage", { ...without, messageId: "u1" });
    connection.message("PerformUpdateMessage", { ...without, messageId: null });
    connection.message("PayloadMessage", { ...ARNS, messageId: "p1" });
    connection.message("TaskManifestMessage", { ...without, messageId: null, timeline: 5 });
    await turns(5);
    const answers = connection.sent.map((text) => JSON.parse(text));
    assert.deepEqual(
      answers.map(({ type, message }) => [type, Object.keys(message).sort().join()]).sort(),
      [
        ["AckRequest", ""],
        ["AckRequest", "cluster,containerInstance,messageId"],
        ["AckRequest", "messageId"],
        ["HeartbeatAckRequest", ""],
        ["IAMRoleCredentialsAckRequest", "credentialsId,messageId"],
        ["IAMRoleCredentialsAckRequest", "credentialsId,messageId"],
        ["NackRequest", "reason"],
        ["TaskStopVerificationMessage", "stopCandidates"],
      ],
    );
  }));

test("A custom responder handles its messages; one for an unknown type is refused", () =>
  withSession({}, async (stage) => {
    const taken: unknown[] = [];
    stage.session.addResponder({
      name: "close",
      messageType: "CloseMessage",
      handleMessage: (message) => void taken.push(message.message),
    });
    stage.start();
    (await stage.connected()).message("CloseMessage", { message: "soon" });
    assert.deepEqual(taken, ["soon"]);
    const unknown: string = "AckRequest";
    assert.throws(
      // @ts-expect-error The type is not one that ACS sends.
      () => stage.session.addResponder({ name: "no", messageType: unknown, handleMessage() {} }),
      RangeError,
    );
  }));

test("A responder's context can be copied and passed with a changed field", () =>
  withSession({}, async (stage) => {
    const kept: ResponderContext[] = [];
    stage.session.addResponder({
      name: "copy",
      messageType: "CloseMessage",
      handleMessage: (_message, context) => void kept.push({ ...context }),
    });
    stage.start();
    const connection = await stage.connected();
    connection.message("CloseMessage", { message: "soon" });
    const [copy] = kept;
    assert.equal(copy?.receivedAt, Date.now());
    let done = false;
    copy.background(() => void (done = true));
    copy.respond("AckRequest", { messageId: "m" });
    assert.equal(done, true);
    assert.equal(connection.sentOf("AckRequest").length, 1);
  }));

test("Update messages are passed to the update handler, but not when the runtime is containerd", async () => {
  for (const [dockerVersion, answers] of [["25.0.6", 1], ["containerd", 0]] as const) {
    await withSession({
      dockerVersion,
      updateHandler: {
        stageUpdate: (_message, answer) => answer.nack("not now"),
        performUpdate: (_message, answer) => answer.ack(),
      },
    }, async (stage) => {
      stage.start();
      const connection = await stage.connected();
      connection.message("StageUpdateMessage", { messageId: "u1", ...ARNS });
      connection.message("PerformUpdateMessage", { messageId: "u2", ...ARNS });
      assert.equal(connection.sentOf("NackRequest").length, answers);
      assert.equal(connection.sentOf("AckRequest").length, answers);
    });
  }
});

test("Without an update handler every update is refused with the reference's reason, but ignored when the runtime is containerd", async () => {
  for (
    const [dockerVersion, isRefused] of [["25.0.6", true], ["", true], [
      "containerd",
      false,
    ]] as const
  ) {
    await withSession({ dockerVersion }, async (stage) => {
      stage.start();
      const connection = await stage.connected();
      connection.message("StageUpdateMessage", { messageId: "u1", ...ARNS });
      connection.message("PerformUpdateMessage", { messageId: "u2", ...ARNS });
      connection.message("PerformUpdateMessage", {});
      connection.message("StageUpdateMessage", { messageId: null, ...ARNS });
      const fields = { cluster: ARNS.clusterArn, containerInstance: ARNS.containerInstanceArn };
      const reason = "Updates are disabled";
      assert.deepEqual(
        connection.sentOf("NackRequest"),
        isRefused
          ? [{ ...fields, messageId: "u1", reason }, { ...fields, messageId: "u2", reason }, {
            reason,
          }]
          : [],
      );
      assert.deepEqual(
        stage.eventsOf("dropped").map((each) => each.reason),
        isRefused ? ["invalid"] : Array.from({ length: 4 }, () => "unhandled"),
      );
      assert.deepEqual(connection.sentOf("AckRequest"), []);
    });
  }
});

test("An update that downloads for a quarter of an hour is not stuck, blocks nothing, and is answered", () => {
  const download = Promise.withResolvers<void>();
  const taken: string[] = [];
  return withSession({
    updateHandler: {
      async stageUpdate(message, answer) {
        taken.push(`stage ${message.messageId}`);
        await download.promise;
        answer.ack();
      },
      performUpdate(message, answer) {
        taken.push(`perform ${message.messageId}`);
        answer.ack();
      },
    },
  }, async (stage) => {
    const closed: unknown[] = [];
    stage.session.addResponder({
      name: "close",
      messageType: "CloseMessage",
      handleMessage: ({ message }) => void closed.push(message),
    });
    stage.start();
    const connection = await stage.connected();
    connection.message("StageUpdateMessage", { messageId: "u1", ...ARNS });
    connection.message("PerformUpdateMessage", { messageId: "u2", ...ARNS });
    connection.message("CloseMessage", { message: "soon" });
    for (let minute = 0; minute < 15; minute++) {
      for (const messageId of ["h1", "h2"]) {
        connection.message("HeartbeatMessage", { messageId });
        await stage.time.advance(30_000);
      }
    }
    assert.deepEqual(closed, ["soon"]);
    assert.deepEqual(taken, ["stage u1"]);
    assert.deepEqual(stage.eventsOf("stuck"), []);
    const { ready, problems } = stage.session.health();
    assert.deepEqual([ready, problems], [true, []]);
    await stage.time.advance(5 * 60_000);
    assert.equal(stage.eventsOf("stuck")[0]?.lane, "updates", "twenty minutes is too long");
    download.resolve();
    await turns(3);
    assert.deepEqual(taken, ["stage u1", "perform u2"]);
    assert.deepEqual(stage.session.health().lanes.map(({ depth }) => depth), [0, 0, 0, 0, 0]);
  });
});

test("A listener that throws is logged and does no harm, and can be removed like any other", () =>
  withCapturedLog((log) =>
    withSession({}, async (stage) => {
      let calls = 0;
      const listener = () => {
        calls += 1;
        throw new Error("listener broke");
      };
      stage.session.addEventListener("received", listener);
      stage.session.addEventListener("sent", () => Promise.reject(new Error("broke later")));
      stage.start();
      const connection = await stage.connected();
      connection.message("HeartbeatMessage", { messageId: "h1" });
      stage.session.removeEventListener("received", listener);
      connection.message("HeartbeatMessage", { messageId: "h2" });
      assert.equal(calls, 1);
      assert.equal(connection.sentOf("HeartbeatAckRequest").length, 2);
      await turns(2);
      assert.match(log.text(), /A listener for received failed: Error: listener broke/);
      assert.match(log.text(), /A listener for sent failed: Error: broke later/);
    })
  ));

test("A custom responder runs in the lane that it names: it waits for the messages before it", () => {
  const finish = Promise.withResolvers<void>();
  return withSession({
    payloadMessageHandler: { processMessage: () => finish.promise },
  }, async (stage) => {
    const handled: string[] = [];
    for (
      const [messageType, lane] of [["ErrorMessage", "payload"], ["CloseMessage", "none"]] as const
    ) {
      stage.session.addResponder({
        name: "own",
        messageType,
        lane,
        handleMessage: () => void handled.push(messageType),
      });
    }
    stage.start();
    const connection = await stage.connected();
    connection.message("PayloadMessage", { messageId: "p1", ...ARNS });
    await turns(1);
    connection.message("ErrorMessage", { message: "queued behind the payload" });
    connection.message("CloseMessage", { message: "handled on arrival" });
    assert.deepEqual(handled, ["CloseMessage"]);
    finish.resolve();
    await turns(1);
    assert.deepEqual(handled, ["CloseMessage", "ErrorMessage"]);
  });
});
