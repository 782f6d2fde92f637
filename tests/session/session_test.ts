import assert from "node:assert/strict";
import type { CloseMessage } from "../../protocol/messages.ts";
import type { RequestResponder, ResponderContext } from "../../responders/responder.ts";
import { Session } from "../../session/session.ts";
import { ConnectError } from "../../errors.ts";
import { UpgradeRefusedError } from "../../wsclient/upgrade_refused_error.ts";
import { withCapturedLog } from "../testing/fakes/captured_log.ts";
import { turns, until } from "../testing/fakes/fake_time.ts";
import { MemoryConnection } from "../testing/fakes/memory_transport.ts";
import {
  ARNS,
  CONTAINER_INSTANCE_ARN,
  CREDENTIALS,
  withSession,
} from "../testing/fakes/session_stage.ts";
import { test } from "../testing/test.ts";

const DAY = 24 * 3_600_000;

const refused = (exception: string) => ({
  kind: "fail" as const,
  error: new UpgradeRefusedError({
    host: "acs.example",
    status: 400,
    body: JSON.stringify({ type: exception, message: { message: "no" } }),
    serverDate: undefined,
  }),
});

const unreachable = {
  kind: "fail" as const,
  error: new ConnectError("acs.example refused the connection", { systemCode: "ECONNREFUSED" }),
};

test("A session discovers ACS through ECS and connects to it with a signed upgrade", () =>
  withSession({}, async (stage) => {
    stage.start();
    await stage.connected();
    assert.deepEqual(JSON.parse(stage.ecs.calls[0] ?? ""), {
      containerInstance: CONTAINER_INSTANCE_ARN,
      zoneId: "",
      cluster: "default",
    });
    const [request] = stage.transport.requests;
    assert.equal(
      request?.url,
      "wss://acs.example/ws?agentHash=deadbeef&agentVersion=1.0.0&clusterArn=default" +
        "&containerInstanceArn=arn%3Aaws%3Aecs%3Aus-west-2%3A123456789012%3Acontainer-instance" +
        "%2Fdefault%2F0123456789abcdef&dockerVersion=DockerVersion%3A+25.0.6&protocolVersion=2" +
        "&sendCredentials=true&seqNum=1",
    );
    const [headers] = stage.transport.headers;
    assert.match(
      headers?.["authorization"] ?? "",
      /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/20260101\/us-west-2\/ecs\/aws4_request/,
    );
    assert.equal(headers?.["x-amz-security-token"], CREDENTIALS.sessionToken);
    assert.equal(stage.session.state.status, "connected");
  }));

test("A heartbeat is answered immediately, even if it has no id", () =>
  withSession({}, async (stage) => {
    stage.start();
    const connection = await stage.connected();
    connection.message("HeartbeatMessage", { messageId: "h1", healthy: true });
    connection.message("HeartbeatMessage", {});
    assert.deepEqual(connection.sentOf("HeartbeatAckRequest"), [{ messageId: "h1" }, {}]);
  }));

test("After a close with code 1000, 1001 or 1011, or the end of the stream, the session reconnects immediately", () =>
  withSession({}, async (stage) => {
    stage.start();
    const ends = [
      { kind: "close", code: 1000, reason: "" },
      { kind: "close", code: 1001, reason: "" },
      { kind: "close", code: 1011, reason: "" },
      { kind: "eof" },
    ] as const;
    for (const [index, end] of ends.entries()) {
      const connection = await stage.connected(index + 1);
      connection.message("HeartbeatMessage", { messageId: "h" });
      await stage.time.advance(5_000);
      connection.end(end);
    }
    await stage.connected(5);
    assert.equal(stage.eventsOf("waiting").length, 0);
    assert.ok(stage.eventsOf("disconnected").every(({ clean }) => clean));
    // A program compares the kind and the code, never the text.
    assert.deepEqual(stage.eventsOf("disconnected").map(({ end }) => end), ends);
  }));

test("After any other end the session waits, longer each time, at most two minutes", () =>
  withSession({}, async (stage) => {
    stage.start();
    const delays: number[] = [];
    for (let count = 1; count <= 20; count++) {
      const connection = await stage.connected(count);
      connection.end({ kind: "close", code: 1008, reason: "policy" });
      const delayMs = await stage.waited(count);
      delays.push(delayMs);
      await stage.time.advance(delayMs - 1);
      assert.equal(stage.transport.requests.length, count, "it reconnected too early");
      await stage.time.advance(1);
    }
    assert.deepEqual(delays.slice(0, 4), [250, 375, 563, 844]);
    assert.equal(delays.at(-1), 120_000);
  }));

test("Each delay gets up to a fifth of itself as jitter", () =>
  withSession({ random: () => 0.999999 }, async (stage) => {
    stage.transport.plan = [unreachable];
    stage.start();
    assert.equal(await stage.waited(1), 300);
  }));

test("A clean end resets the delays", () =>
  withSession({}, async (stage) => {
    stage.transport.plan = [unreachable, unreachable, { kind: "accept" }];
    stage.start();
    assert.equal(await stage.waited(1), 250);
    await stage.time.advance(250);
    assert.equal(await stage.waited(2), 375);
    await stage.time.advance(375);
    const connection = await stage.connected(1);
    connection.message("HeartbeatMessage", {});
    connection.end({ kind: "eof" });
    (await stage.connected(2)).end({ kind: "error", error: new ConnectError("reset") });
    assert.equal(await stage.waited(3), 250);
  }));

test("A connection that lasted a minute resets the delays", () =>
  withSession({}, async (stage) => {
    const reset = { kind: "error", error: new ConnectError("reset") } as const;
    stage.start();
    const lives = [[0, 250], [59_000, 375], [60_000, 250]] as const;
    for (const [index, [lifeMs, delayMs]] of lives.entries()) {
      const connection = await stage.connected(index + 1);
      // Frames keep the connection from being considered idle.
      await stage.time.advance(lifeMs / 2);
      connection.message("HeartbeatMessage", {});
      await stage.time.advance(lifeMs / 2);
      connection.end(reset);
      assert.equal(await stage.waited(index + 1), delayMs);
      await stage.time.advance(delayMs);
    }
  }));

test("A silent peer is disconnected after the idle timeout, and the session backs off", () =>
  withSession({}, async (stage) => {
    stage.start();
    const connection = await stage.connected();
    await stage.time.advance(59_999);
    assert.equal(connection.left, undefined);
    await stage.time.advance(1);
    assert.notEqual(connection.left, undefined);
    assert.equal(await stage.waited(1), 250);
    assert.match(stage.eventsOf("disconnected")[0]?.reason ?? "", /no frame was received/);
  }));

test("Any frame counts as a sign of life, even one that cannot be decoded", () =>
  withSession({}, async (stage) => {
    stage.start();
    const connection = await stage.connected();
    for (const frame of ["not JSON", '{"type":"Unheard","message":{}}', new Uint8Array([255])]) {
      await stage.time.advance(50_000);
      connection.frame(frame);
    }
    await stage.time.advance(59_000);
    assert.equal(connection.left, undefined);
    assert.deepEqual(
      stage.eventsOf("dropped").map(({ reason }) => reason),
      ["undecodable", "unknown", "undecodable"],
    );
  }));

test("A connection is renewed after half an hour, immediately and with the code and reason that the service knows", () =>
  withSession({}, async (stage) => {
    stage.start();
    const connection = await stage.connected();
    for (let minute = 0; minute < 30; minute++) {
      connection.message("HeartbeatMessage", {});
      await stage.time.advance(60_000 - 1);
    }
    connection.message("HeartbeatMessage", {});
    await stage.time.advance(30);
    assert.deepEqual(connection.left, {
      code: 1000,
      reason: "ConnectionExpired: Reconnect to continue",
    });
    await stage.connected(2);
    assert.equal(stage.eventsOf("waiting").length, 0);
  }));

test("The session requests all credentials until the first connection, then never again", () =>
  withSession({}, async (stage) => {
    stage.transport.plan = [unreachable, { kind: "accept" }];
    stage.start();
    await stage.time.advance(await stage.waited(1));
    (await stage.connected(1)).end({ kind: "eof" });
    await stage.connected(2);
    const sendCredentials = stage.transport.requests.map(({ url }) =>
      new URL(url).searchParams.get("sendCredentials")
    );
    assert.deepEqual(sendCredentials, ["true", "true", "false"]);
  }));

test("The agent is notified about an inactive instance, and the session tries again after an hour", async () => {
  let calls = 0;
  await withSession({ inactiveInstanceCallback: () => void calls++ }, async (stage) => {
    stage.transport.plan = [refused("InactiveInstanceException"), { kind: "accept" }];
    stage.start();
    assert.equal(await stage.waited(1), 3_600_000);
    assert.equal(stage.eventsOf("inactive").length, 1);
    await stage.time.advance(3_599_999);
    assert.equal(stage.transport.requests.length, 1);
    await stage.time.advance(1);
    await stage.connected(1);
  });
  assert.equal(calls, 1);
});

test("An inactiveInstanceCallback that throws does not end the session", () =>
  withSession({
    inactiveInstanceCallback: () => {
      throw new Error("no");
    },
  }, async (stage) => {
    stage.transport.plan = [refused("InactiveInstanceException"), { kind: "accept" }];
    stage.start();
    await stage.time.advance(await stage.waited(1));
    await stage.connected(1);
  }));

test("When ECS cannot be called, the session backs off", () =>
  withSession({}, async (stage) => {
    stage.ecs.answers = [
      () => Promise.reject(new TypeError("no network")),
      () => new Response("{}", { status: 500 }),
      () => Response.json({ endpoint: "https://acs.example" }),
    ];
    stage.start();
    for (const [count, delayMs] of [[1, 250], [2, 375]] as const) {
      assert.equal(await stage.waited(count), delayMs);
      await stage.time.advance(delayMs);
    }
    await stage.connected(1);
    assert.deepEqual(stage.eventsOf("connectfailed").map(({ stage }) => stage), [
      "discover",
      "discover",
    ]);
  }));

test("The endpoint is cached for twelve hours", () =>
  withSession({ timing: { idleTimeoutMs: DAY, connectionLifetimeMs: DAY } }, async (stage) => {
    stage.start();
    const life = async (count: number, hours: number) => {
      const connection = await stage.connected(count);
      await stage.time.advance(hours * 3_600_000);
      connection.message("HeartbeatMessage", {});
      connection.end({ kind: "eof" });
    };
    await life(1, 11.9);
    await life(2, 0.2);
    assert.equal(stage.ecs.calls.length, 1);
    await stage.connected(3);
    assert.equal(stage.ecs.calls.length, 2);
  }));

test("Ongoing failures are reported once a minute, with the time they began", () =>
  withSession({}, async (stage) => {
    stage.transport.plan = [unreachable];
    stage.start();
    await stage.waited(1);
    const began = Date.now();
    for (let second = 0; second < 185; second++) await stage.time.advance(1000);
    const reports = stage.eventsOf("failing");
    assert.equal(reports.length, 3);
    assert.ok(reports.every(({ stage, since }) => stage === "connect" && since === began));
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

test("Every attempt is announced before the first request, with its number and whether ECS is called", () =>
  withSession({}, async (stage) => {
    stage.transport.plan = [
      { kind: "fail", error: new ConnectError("down") },
      { kind: "accept" },
    ];
    stage.start();
    const [first] = stage.eventsOf("discovering");
    assert.deepEqual(first, { attempt: 1, host: "ecs.us-west-2.amazonaws.com", cached: false });
    assert.equal(stage.ecs.calls.length, 0);
    await stage.waited(1);
    await stage.time.advance(250);
    await stage.connected(1);
    const [, second] = stage.eventsOf("discovering");
    assert.deepEqual(second, { attempt: 2, host: "ecs.us-west-2.amazonaws.com", cached: true });
  }));

test("The other endpoints that ECS returns are reported, too", () =>
  withSession({}, async (stage) => {
    const answer = { endpoint: "https://acs.example/", telemetryEndpoint: "https://tcs.example/" };
    stage.ecs.answers = [() => Response.json(answer)];
    stage.start();
    await stage.connected();
    assert.deepEqual(stage.eventsOf("discovered"), [{ ...answer, source: "discovered" }]);
  }));

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

test("A transport that throws instead of rejecting causes a connection failure and leaves nothing behind", () => {
  return withSession({
    transport: {
      connect() {
        throw new ConnectError("out of order");
      },
    },
  }, async (stage) => {
    stage.start();
    assert.equal(await stage.waited(1), 250);
    assert.equal(stage.eventsOf("connectfailed")[0]?.error.message, "out of order");
    await stage.session.stop();
    assert.equal(stage.time.pendingTimers(), 0);
  });
});

test("A failed discovery that a cached endpoint makes up for is not an ongoing failure", () =>
  withSession({ timing: { endpointCacheTtlMs: 1_000 } }, async (stage) => {
    stage.ecs.answers = [
      () => Response.json({ endpoint: "https://acs.example" }),
      () => Promise.reject(new TypeError("no network")),
    ];
    stage.start();
    const first = await stage.connected(1);
    first.message("HeartbeatMessage", {});
    await stage.time.advance(2_000);
    first.end({ kind: "eof" });
    const second = await stage.connected(2);
    for (let minute = 0; minute < 3; minute++) {
      second.message("HeartbeatMessage", {});
      await stage.time.advance(59_000);
    }
    assert.equal(stage.session.health().ready, true);
    assert.deepEqual(stage.eventsOf("failing"), []);
  }));

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
    stage.transport.plan = [unreachable];
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
    stage.transport.plan = [refused("InactiveInstanceException")];
    stage.start();
    await stage.waited(1);
    await stage.session.stop();
  });
});

test("A stopped session leaves no timer behind", () =>
  withSession({}, async (stage) => {
    stage.transport.plan = [unreachable, { kind: "accept" }];
    stage.start();
    await stage.time.advance(await stage.waited(1));
    const connection = await stage.connected(1);
    connection.message("HeartbeatMessage", {});
    await stage.session.stop();
    assert.equal(stage.time.pendingTimers(), 0);
  }));

test("A session reports when it connected and when it lost its connection", () =>
  withSession({}, async (stage) => {
    assert.deepEqual(stage.session.times, {});
    const startedAt = Date.now();
    stage.start();
    const connection = await stage.connected();
    await stage.time.advance(30_000);
    connection.end({ kind: "error", error: new ConnectError("reset") });
    await stage.time.advance(await stage.waited(1));
    await stage.connected(2);
    const { firstConnectedAt, lastConnectedAt, lastDisconnectedAt } = stage.session.times;
    assert.equal(firstConnectedAt?.getTime(), startedAt);
    assert.equal(lastDisconnectedAt?.getTime(), startedAt + 30_000);
    assert.equal(lastConnectedAt?.getTime(), startedAt + 30_250);
    assert.equal(stage.eventsOf("connected")[1]?.disconnectedMs, 250);
  }));
