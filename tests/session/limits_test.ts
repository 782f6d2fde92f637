/**
 * Everything that can grow by what the peer sends or by what handlers leave undone has a limit. One
 * test for each; docs/reliability.md lists them.
 */

import assert from "node:assert/strict";
import { withCapturedLog } from "../testing/captured_log.ts";
import { turns, until } from "../testing/fake_time.ts";
import { ARNS, type SessionStage, withSession } from "../testing/session_stage.ts";
import { test } from "../testing/test.ts";

const ENI = {
  macAddress: "02:00:00:00:00:01",
  ec2Id: "eni-1",
  ipv4Addresses: [{ primary: true, privateAddress: "10.0.0.5" }],
  subnetGatewayIpv4Address: "10.0.0.1/24",
};

/** Sees that a heartbeat is answered on the newest connection. */
function assertAnswersHeartbeats(stage: SessionStage, messageId = "are-you-there"): void {
  const { connection } = stage.transport;
  connection.message("HeartbeatMessage", { messageId });
  assert.deepEqual(connection.sentOf("HeartbeatAckRequest").at(-1), { messageId });
}

for (const form of ["text", "binary"] as const) {
  test(`A ${form} frame larger than allowed is dropped unread, told with the option's name, and the connection stays`, () =>
    withCapturedLog((log) =>
      withSession({
        limits: { maxFrameSize: 200 },
        payloadMessageHandler: { processMessage: (_message, ack) => ack() },
      }, async (stage) => {
        stage.start();
        const connection = await stage.connected();
        const frame = (messageId: string) => {
          const text = JSON.stringify({ type: "HeartbeatMessage", message: { messageId } });
          return form === "text" ? text : new TextEncoder().encode(text);
        };
        const overhead = frame("").length;
        connection.frame(frame("x".repeat(200 - overhead)));
        assert.equal(connection.sentOf("HeartbeatAckRequest").length, 1, "it just fits");
        connection.frame(frame("x".repeat(201 - overhead)));
        assert.equal(connection.sentOf("HeartbeatAckRequest").length, 1);
        const [dropped] = stage.eventsOf("dropped");
        assert.equal(dropped?.reason, "oversized");
        assert.match(
          dropped?.description ?? "",
          /frame of 201 .*limits\.maxFrameSize, 200: raise it/,
        );
        const errors = log.records.filter(({ level }) => level === "error");
        assert.match(errors.map(({ message }) => message.join("")).join(), /limits\.maxFrameSize/);
        assertAnswersHeartbeats(stage);
        assert.equal(connection.left, undefined);
      })
    ));
}

test("A lane with too many characters refuses the next message, and the connection is left when it is free", () => {
  const gates: (() => void)[] = [];
  return withCapturedLog((log) =>
    withSession({
      limits: { maxLaneSize: 2000, maxFrameSize: 2000 },
      payloadMessageHandler: {
        processMessage: () => new Promise<void>((resolve) => gates.push(resolve)),
      },
    }, async (stage) => {
      stage.start();
      const connection = await stage.connected();
      const filler = "x".repeat(600);
      for (const messageId of ["p1", "p2", "p3"]) {
        connection.message("PayloadMessage", { ...ARNS, messageId, filler });
      }
      // It would fit, and would be handled before p3.
      connection.message("PayloadMessage", { ...ARNS, messageId: "p4" });
      await turns(1);
      const dropped = stage.eventsOf("dropped");
      assert.deepEqual(dropped.map(({ reason, messageId }) => `${reason} ${messageId}`), [
        "overflow p3",
        "overflow p4",
      ]);
      assert.match(
        log.text(),
        /Too much waits in the lane payload: once the 2.*raise limits.maxLane/,
      );
      const lane = stage.session.health().lanes.find(({ name }) => name === "payload");
      assert.ok((lane?.size ?? Infinity) <= 2000);
      assertAnswersHeartbeats(stage);
      assert.equal(connection.left, undefined);

      for (let n = 0; n < 2; n++) {
        gates[n]?.();
        await stage.time.advance(0);
      }
      assert.deepEqual(connection.left, { code: 1000, reason: "LaneOverflow: payload" });
    })
  );
});

test("A peer that reads nothing is left once too much waits to be written to it", () =>
  withCapturedLog((log) =>
    withSession({ limits: { maxSendBufferSize: 10_000 } }, async (stage) => {
      stage.start();
      const connection = await stage.connected();
      connection.stalled = true;
      let sent = 0;
      while (connection.left === undefined && sent < 1000) {
        connection.message("HeartbeatMessage", { messageId: `heartbeat-${sent++}` });
      }
      assert.deepEqual(connection.left, {
        code: 1000,
        reason: "WriteOverflow: too little taken",
      });
      assert.ok(connection.bufferedAmount < 10_200, String(connection.bufferedAmount));
      await until(() => stage.eventsOf("disconnected").length === 1, "it is told");
      const [end] = stage.eventsOf("disconnected");
      assert.equal(end?.clean, false);
      assert.match(end?.reason ?? "", /limits\.maxSendBufferSize/);
      assert.match(log.text(), /warning Disconnected .*limits\.maxSendBufferSize/);
      await stage.time.advance(await stage.waited(1));
      await stage.connected(2);
      assertAnswersHeartbeats(stage);
    })
  ));

test("Attachments past the limit of work in the background are not acknowledged, and silence nothing", () => {
  const letGo: (() => void)[] = [];
  return withCapturedLog((log) =>
    withSession({
      limits: { maxBackgroundWork: 3 },
      eniHandler: {
        handleEniAttachment: () => new Promise<void>((resolve) => void letGo.push(resolve)),
      },
      payloadMessageHandler: { processMessage: (_message, ack) => ack() },
    }, async (stage) => {
      stage.start();
      const connection = await stage.connected();
      const attach = (messageId: string, interfaces: number) =>
        connection.message("AttachInstanceNetworkInterfacesMessage", {
          ...ARNS,
          messageId,
          waitTimeoutMs: 300_000,
          elasticNetworkInterfaces: Array.from({ length: interfaces }, () => ENI),
        });
      const acknowledged = () =>
        connection.sentOf("AckRequest").map((ack) => Reflect.get(Object(ack), "messageId"));
      attach("a1", 2);
      attach("a2", 5_000);
      await turns(2);
      assert.deepEqual(acknowledged(), ["a1"]);
      assert.equal(stage.session.health().background.count, 3);
      assert.equal(letGo.length, 3, "the handler is not called any more");
      const [dropped] = stage.eventsOf("dropped");
      assert.deepEqual([dropped?.reason, dropped?.messageId], ["overflow", "a2"]);
      assert.match(dropped?.description ?? "", /LimitExceededError.*limits\.maxBackgroundWork, 3/);
      assert.match(log.text(), /limits\.maxBackgroundWork/);
      connection.message("PayloadMessage", { ...ARNS, messageId: "p1" });
      await turns(3);
      assert.deepEqual(acknowledged(), ["a1", "p1"]);
      assertAnswersHeartbeats(stage);
      for (const resolve of letGo) resolve();
      await turns(2);
      attach("a3", 3);
      await turns(2);
      assert.deepEqual(acknowledged(), ["a1", "p1", "a3"]);
      for (const resolve of letGo) resolve();
    })
  );
});

test("A thousand copies of one attachment are one piece of work in the background, and block no other attachment", () => {
  const letGo: (() => void)[] = [];
  return withSession({
    limits: { maxBackgroundWork: 3 },
    eniHandler: {
      handleEniAttachment: () => new Promise<void>((resolve) => void letGo.push(resolve)),
    },
  }, async (stage) => {
    stage.start();
    const connection = await stage.connected();
    const attach = (attachmentArn: string, messageId: string) =>
      connection.message("AttachTaskNetworkInterfacesMessage", {
        ...ARNS,
        messageId,
        taskArn: "arn:aws:ecs:us-west-2:123456789012:task/default/1",
        waitTimeoutMs: 300_000,
        elasticNetworkInterfaces: [{ ...ENI, attachmentArn }],
      });
    for (let copy = 0; copy < 1000; copy++) attach("arn:a", `a${copy}`);
    attach("arn:b", "b");
    attach("arn:c", "c");
    attach("arn:a", "while the limit is reached");
    await turns(2);
    assert.equal(letGo.length, 3);
    assert.equal(stage.session.health().background.count, 3);
    assert.equal(connection.sentOf("AckRequest").length, 1003);
    assert.deepEqual(stage.eventsOf("dropped"), []);
    attach("arn:d", "d");
    await turns(2);
    assert.deepEqual(stage.eventsOf("dropped").map(({ messageId }) => messageId), ["d"]);
    for (const resolve of letGo) resolve();
  });
});

test("Credentials past the limit of the manager in memory are not acknowledged, told with what to do", () =>
  withSession({}, async (stage) => {
    stage.start();
    const connection = await stage.connected();
    const expiration = new Date(Date.now() + 3_600_000).toISOString();
    const send = (credentialsId: string) =>
      connection.message("IAMRoleCredentialsMessage", {
        messageId: `m-${credentialsId}`,
        taskArn: "arn:aws:ecs:us-west-2:123456789012:task/default/1",
        roleType: "TaskApplication",
        roleCredentials: { credentialsId, expiration, secretAccessKey: "made/up/secret" },
      });
    for (let index = 0; index < 10_000; index++) {
      stage.session.credentialsManager.addKnownCredentialsId(`known-${index}`);
    }
    send("one-too-many");
    await turns(3);
    assert.deepEqual(connection.sentOf("IAMRoleCredentialsAckRequest"), []);
    const [dropped] = stage.eventsOf("dropped");
    assert.equal(dropped?.reason, "overflow");
    assert.match(dropped?.description ?? "", /call removeCredentials .*, 10000 now/);
    stage.session.credentialsManager.removeCredentials("known-1");
    send("one-too-many");
    await turns(3);
    assert.equal(connection.sentOf("IAMRoleCredentialsAckRequest").length, 1);
  }));

test("The endpoint and what is known of it do not grow by any number of reconnects", () =>
  withSession({ timing: { endpointCacheTtlMs: 0, minUsefulConnectionMs: 0 } }, async (stage) => {
    let asked = 0;
    stage.ecs.answers = [
      () =>
        Response.json({ endpoint: `https://acs-${++asked}.example/`, more: "x".repeat(60_000) }),
    ];
    stage.start();
    for (let count = 1; count <= 100; count++) {
      const connection = await stage.connected(count);
      connection.message("HeartbeatMessage", { messageId: "useful" });
      connection.end({ kind: "eof" });
    }
    await stage.connected(101);
    assert.equal(asked, 101);
    assert.equal(stage.time.pendingTimers() < 10, true);
  }));

test("An answer of ECS is read up to its limit and no further", () =>
  withSession({}, async (stage) => {
    let pulled = 0;
    let cancelled = false;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        pulled += 1;
        controller.enqueue(new Uint8Array(10_000).fill(0x20));
      },
      cancel: () => void (cancelled = true),
    });
    stage.ecs.answers = [
      () => new Response(endless),
      () => Response.json({ endpoint: "https://acs.example/" }),
    ];
    stage.start();
    await stage.time.advance(await stage.waited(1));
    await stage.connected(1);
    assert.equal(cancelled, true);
    assert.ok(pulled < 12, String(pulled));
  }));
