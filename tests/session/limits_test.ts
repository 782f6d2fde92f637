/**
 * Everything that can grow because of what the peer sends or handlers leave unfinished has a limit.
 * One test for each; docs/reliability.md lists them.
 */

import assert from "node:assert/strict";
import { withCapturedLog } from "../testing/fakes/captured_log.ts";
import { turns, until } from "../testing/fakes/fake_time.ts";
import { nestedJson } from "../testing/hostile/parsed_shapes.ts";
import { ARNS, type SessionStage, withSession } from "../testing/fakes/session_stage.ts";
import { test } from "../testing/test.ts";

const ENI = {
  macAddress: "02:00:00:00:00:01",
  ec2Id: "eni-1",
  ipv4Addresses: [{ primary: true, privateAddress: "10.0.0.5" }],
  subnetGatewayIpv4Address: "10.0.0.1/24",
};

/** Asserts that a heartbeat is answered on the newest connection. */
function assertAnswersHeartbeats(stage: SessionStage, messageId = "are-you-there"): void {
  const { connection } = stage.transport;
  connection.message("HeartbeatMessage", { messageId });
  assert.deepEqual(connection.sentOf("HeartbeatAckRequest").at(-1), { messageId });
}

for (const form of ["text", "binary"] as const) {
  test(`A ${form} frame larger than allowed is dropped unread and reported with the option's name, and the connection stays open`, () =>
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

test("A lane with too many characters refuses the next message, and the session reconnects once the lane is empty", () => {
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
        /The payload lane is full: once its 2.*raise limits.maxLane/,
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

/** A payload with an unknown field, of about this many characters. */
function nestedPayload(messageId: string, size: number): string {
  const known = JSON.stringify({ ...ARNS, messageId }).slice(1, -1);
  return `{"type":"PayloadMessage","message":{${known},"future":${nestedJson("[", "]", size)}}}`;
}

/** Its parts are a few thousand bytes each. */
const SMALL = { maxHeldBytes: 1_000_000 };

test("Messages of a lane are limited by the memory they occupy, unknown fields included", () => {
  const gates: (() => void)[] = [];
  return withSession({
    limits: SMALL,
    payloadMessageHandler: {
      processMessage: (_message, ack) =>
        new Promise<void>((resolve) => gates.push(() => void ack().then(resolve))),
    },
  }, async (stage) => {
    stage.start();
    const connection = await stage.connected();
    // About 60,000 bytes each, of 250,000.
    for (let n = 0; n < 6; n++) connection.frame(nestedPayload(`p${n}`, 1_600));
    await turns(1);
    const dropped = stage.eventsOf("dropped").map(({ reason, messageId }) =>
      `${reason} ${messageId}`
    );
    assert.deepEqual(dropped, ["overflow p4", "overflow p5"]);
    assertAnswersHeartbeats(stage);
    for (let n = 0; n < 4; n++) {
      gates[n]?.();
      await stage.time.advance(0);
    }
    assert.deepEqual(connection.left, { code: 1000, reason: "LaneOverflow: payload" });
    await stage.time.advance(await stage.waited(1));
    const next = await stage.connected(2);
    next.frame(nestedPayload("p4", 1_600));
    gates[4]?.();
    await turns(3);
    assert.equal(next.sentOf("AckRequest").length, 1);
  });
});

test("Payloads as the service sends them occupy no more than necessary: a thousand of 2 KB fit into the queue", () =>
  withSession({
    payloadMessageHandler: { processMessage: () => new Promise<void>(() => {}) },
  }, async (stage) => {
    stage.start();
    const connection = await stage.connected();
    const environment = Object.fromEntries(
      Array.from({ length: 50 }, (_, index) => [`VARIABLE_${index}`, `its value is ${index}`]),
    );
    for (let n = 0; n < 1001; n++) {
      const tasks = [{ arn: `arn:aws:ecs:us-west-2:1:task/${n}`, containers: [{ environment }] }];
      connection.message("PayloadMessage", { ...ARNS, messageId: `p${n}`, tasks });
    }
    await turns(1);
    assert.deepEqual(stage.eventsOf("dropped"), []);
    assert.equal(stage.session.health().lanes[0]?.depth, 1001);
  }));

test("A message that does not fit into its lane even when empty is permanently refused, with the option's name", () =>
  withCapturedLog((log) =>
    withSession({
      limits: { ...SMALL, maxFrameSize: 10_000 },
      taskComparer: { compareRunningTasksOnInstanceWithManifest: () => [] },
      eniHandler: { handleEniAttachment: () => {} },
    }, async (stage) => {
      stage.start();
      const connection = await stage.connected();
      const attach = (messageId: string, future: unknown) =>
        connection.message("AttachInstanceNetworkInterfacesMessage", {
          ...ARNS,
          messageId,
          waitTimeoutMs: 1000,
          elasticNetworkInterfaces: [ENI],
          future,
        });
      attach("large", Array(2000).fill([]));
      attach("small", []);
      await turns(2);
      const [dropped, ...others] = stage.eventsOf("dropped");
      assert.deepEqual([dropped?.reason, dropped?.messageId, others], ["oversized", "large", []]);
      assert.match(
        dropped?.description ?? "",
        /takes 1\d{5} bytes .*the lane attachments .*limits\.maxHeldBytes, 1000000: raise it/,
      );
      assert.match(log.text(), /error .*limits\.maxHeldBytes/);
      assert.doesNotMatch(log.text(), /ACS-S06/, "it is a message of ACS");
      assert.equal(connection.sentOf("AckRequest").length, 1, "later messages are handled");
      assert.deepEqual(stage.eventsOf("overflowed"), []);
      assertAnswersHeartbeats(stage);
      await stage.time.advance(30_000);
      assert.equal(connection.left, undefined);
    })
  ));

test("A frame that would occupy too much memory is not parsed, and is refused with the option's name", () =>
  withCapturedLog((log) =>
    withSession({
      limits: SMALL,
      payloadMessageHandler: { processMessage: (_message, ack) => ack() },
    }, async (stage) => {
      stage.start();
      const connection = await stage.connected();
      connection.frame(nestedPayload("nested", 10_000));
      connection.message("PayloadMessage", { ...ARNS, messageId: "x", future: "x".repeat(10_000) });
      await turns(1);
      const [dropped, ...others] = stage.eventsOf("dropped");
      assert.deepEqual([dropped?.reason, others], ["oversized", []]);
      assert.match(
        dropped?.description ?? "",
        /takes up to 3\d{5} bytes .*limits\.maxHeldBytes, 1000000: raise it/,
      );
      assert.match(log.text(), /error .*limits\.maxHeldBytes/);
      assert.equal(connection.sentOf("AckRequest").length, 1);
      assertAnswersHeartbeats(stage);
    })
  ));

test("Attachments whose handlers have not finished are limited by the memory they occupy", () =>
  withSession({
    limits: SMALL,
    eniHandler: { handleEniAttachment: () => new Promise<void>(() => {}) },
  }, async (stage) => {
    stage.start();
    const connection = await stage.connected();
    const attach = (messageId: string, filler: string, fields: object = {}) =>
      connection.message("AttachInstanceNetworkInterfacesMessage", {
        ...ARNS,
        messageId,
        waitTimeoutMs: 300_000,
        elasticNetworkInterfaces: [{ ...ENI, macAddress: filler, attachmentArn: messageId }],
        ...fields,
      });
    // Each holds about 20,000 of 50,000 bytes; fields that are not passed to the handler are not
    // held.
    const future = Array(100).fill([]);
    for (const messageId of ["a1", "a2", "a3"]) attach(messageId, "x".repeat(20_000), { future });
    attach("a4", "02:00:00:00:00:01", { future: Array(300).fill([]) });
    await turns(3);
    assert.equal(connection.sentOf("AckRequest").length, 3);
    const [dropped, ...others] = stage.eventsOf("dropped");
    assert.deepEqual([dropped?.reason, dropped?.messageId, others], ["overflow", "a3", []]);
    assert.match(dropped?.description ?? "", /limits\.maxHeldBytes, 1000000/);
    assert.equal(stage.session.health().background.count, 3);
    assertAnswersHeartbeats(stage);
  }));

test("Credentials in the session's own store are limited by the memory they occupy", () =>
  withSession({}, async (stage) => {
    stage.start();
    const connection = await stage.connected();
    for (let n = 0; n < 30; n++) {
      connection.message("IAMRoleCredentialsMessage", {
        messageId: `m${n}`,
        taskArn: `arn:aws:ecs:us-west-2:123456789012:task/default/${n}`,
        roleType: "TaskApplication",
        roleCredentials: { credentialsId: `id-${n}`, sessionToken: "t".repeat(1_000_000) },
      });
      await stage.time.advance(1);
    }
    assert.equal(connection.sentOf("IAMRoleCredentialsAckRequest").length, 13);
    const dropped = stage.eventsOf("dropped");
    assert.equal(dropped.length, 17);
    assert.equal(dropped[0]?.reason, "overflow");
    assert.match(dropped[0]?.description ?? "", /removeCredentials .*maxBytes .*, 13421772 now/);
    assert.equal(connection.left, undefined);
    assertAnswersHeartbeats(stage);
    stage.session.credentialsManager.removeCredentials("id-1");
  }));

test("A peer that reads nothing is disconnected once too much data is waiting to be sent", () =>
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
        reason: "WriteOverflow: too little accepted",
      });
      assert.ok(connection.bufferedAmount < 10_200, String(connection.bufferedAmount));
      await until(() => stage.eventsOf("disconnected").length === 1, "it is reported");
      const [end] = stage.eventsOf("disconnected");
      assert.equal(end?.clean, false);
      assert.match(end?.reason ?? "", /limits\.maxSendBufferSize/);
      assert.match(log.text(), /warning Disconnected .*limits\.maxSendBufferSize/);
      await stage.time.advance(await stage.waited(1));
      await stage.connected(2);
      assertAnswersHeartbeats(stage);
    })
  ));

test("Attachments beyond the limit of background work are not acknowledged, and block nothing", () => {
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

test("A thousand copies of one attachment are one background job, and do not block another attachment", () => {
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

test("Credentials beyond the limit of the in-memory manager are not acknowledged, and the report says what to do", () =>
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

test("The endpoint and what is known about it do not grow, whatever the number of reconnects", () =>
  withSession({ timing: { endpointCacheTtlMs: 0, minUsefulConnectionMs: 0 } }, async (stage) => {
    let calls = 0;
    stage.ecs.answers = [
      () =>
        Response.json({ endpoint: `https://acs-${++calls}.example/`, more: "x".repeat(60_000) }),
    ];
    stage.start();
    for (let count = 1; count <= 100; count++) {
      const connection = await stage.connected(count);
      connection.message("HeartbeatMessage", { messageId: "useful" });
      connection.end({ kind: "eof" });
    }
    await stage.connected(101);
    assert.equal(calls, 101);
    assert.equal(stage.time.pendingTimers() < 10, true);
  }));

test("An answer from ECS is read up to its limit and no further", () =>
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
