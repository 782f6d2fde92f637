/**
 * Weaknesses that users of the reference agent complain about: one test for each, in which this
 * session does better.
 */

import assert from "node:assert/strict";
import { inspect } from "node:util";
import type { PayloadAck, PayloadMessageHandler } from "../../responders/payload_responder.ts";
import { parseDateHeader } from "../../wsclient/signing/clock_skew.ts";
import { ConnectError } from "../../errors.ts";
import { UpgradeRefusedError } from "../../wsclient/upgrade_refused_error.ts";
import { ServiceException } from "../../wsclient/service_exception.ts";
import { withCapturedLog } from "../testing/fakes/captured_log.ts";
import { turns, until } from "../testing/fakes/fake_time.ts";
import {
  ARNS,
  CONTAINER_INSTANCE_ARN,
  CREDENTIALS,
  withSession,
} from "../testing/fakes/session_stage.ts";
import { test } from "../testing/test.ts";

const HOUR = 3_600_000;

const refusal = (status: number, body: string, serverDate?: number) => ({
  kind: "fail" as const,
  error: new UpgradeRefusedError({ host: "acs.example", status, body, serverDate }),
});

/** A payload handler that finishes when the test releases it, one message after the other. */
function heldHandler(): PayloadMessageHandler & {
  readonly taken: (string | null | undefined)[];
  readonly held: { ack: PayloadAck; done(): void }[];
} {
  const taken: (string | null | undefined)[] = [];
  const held: { ack: PayloadAck; done(): void }[] = [];
  return {
    taken,
    held,
    processMessage(message, ack) {
      taken.push(message.messageId);
      return new Promise<void>((resolve) => held.push({ ack, done: resolve }));
    },
  };
}

test("A stuck payload handler blocks neither heartbeats nor credentials, and the session does not claim to be healthy", () => {
  const handler = heldHandler();
  return withSession({ payloadMessageHandler: handler }, async (stage) => {
    stage.start();
    const connection = await stage.connected();
    connection.message("PayloadMessage", { messageId: "p1", ...ARNS });
    connection.message("PayloadMessage", { messageId: "p2", ...ARNS });
    assert.equal(stage.session.health().ready, true);
    await stage.time.advance(59_000);
    connection.message("HeartbeatMessage", { messageId: "h1" });
    connection.message("IAMRoleCredentialsMessage", {
      messageId: "c1",
      taskArn: "arn:aws:ecs:us-west-2:123456789012:task/default/1",
      roleType: "TaskApplication",
      roleCredentials: { credentialsId: "id", secretAccessKey: "task-secret-key" },
    });
    await turns(3);
    assert.equal(connection.sentOf("HeartbeatAckRequest").length, 1);
    assert.equal(connection.sentOf("IAMRoleCredentialsAckRequest").length, 1);
    await stage.time.advance(1_000);
    const health = stage.session.health();
    assert.equal(health.ready, false);
    assert.match(health.problems.join(), /lane payload has been stuck/);
    assert.deepEqual(stage.eventsOf("stuck"), [
      { lane: "payload", type: "PayloadMessage", messageId: "p1" },
    ]);
    const lane = health.lanes.find(({ name }) => name === "payload");
    assert.deepEqual([lane?.depth, lane?.oldestAgeMs], [2, 60_000]);
  });
});

test("A dead link is not called healthy: silence and a lost connection are both reported", () =>
  withSession({}, async (stage) => {
    assert.equal(stage.session.health().ready, false);
    stage.start();
    (await stage.connected()).message("HeartbeatMessage", {});
    assert.equal(stage.session.health().ready, true);
    // Noise keeps the connection open, and says nothing about the service.
    for (let count = 0; count < 4; count++) {
      await stage.time.advance(30_250);
      stage.transport.connection.frame("<html>");
    }
    const silent = stage.session.health();
    assert.match(silent.problems.join(), /no message from the service has arrived for 121000 ms/);
    assert.deepEqual(silent.reasons, ["silent"]);
    stage.transport.plan = [{
      kind: "fail",
      error: new ConnectError("acs.example refused the connection"),
    }];
    stage.transport.connection.end({ kind: "eof" });
    await stage.waited(1);
    const { ready, problems } = stage.session.health();
    assert.equal(ready, false);
    assert.match(problems.join(), /not connected: waiting,.*refused the connection/);
  }));

test("A peer that accepts and immediately drops connections does not cause a tight loop: the second time in a row is a failure", () =>
  withSession({}, async (stage) => {
    stage.start();
    (await stage.connected(1)).end({ kind: "eof" });
    (await stage.connected(2)).end({ kind: "close", code: 1011, reason: "" });
    assert.equal(await stage.waited(1), 250);
    await stage.time.advance(250);
    (await stage.connected(3)).end({ kind: "close", code: 1000, reason: "" });
    assert.equal(await stage.waited(2), 375);
    assert.ok(stage.eventsOf("waiting").every(({ reason }) => reason === "storm"));
    await stage.time.advance(375);
    // One message is not enough to reconnect immediately after a short connection.
    const short = await stage.connected(4);
    short.message("HeartbeatMessage", {});
    await stage.time.advance(4_999);
    short.end({ kind: "eof" });
    await stage.time.advance(await stage.waited(3));
    // Five seconds are.
    const useful = await stage.connected(5);
    await stage.time.advance(5_000);
    useful.end({ kind: "eof" });
    await stage.connected(6);
    assert.equal(stage.eventsOf("waiting").length, 3);
  }));

test("An endpoint that no longer works is rediscovered after three failed connection attempts, not after twelve hours", () =>
  withSession({}, async (stage) => {
    const bad = { kind: "fail", error: new ConnectError("unreachable") } as const;
    stage.transport.plan = [bad, bad, bad, { kind: "accept" }];
    stage.ecs.answers = [
      () => Response.json({ endpoint: "https://old.example" }),
      () => Response.json({ endpoint: "https://new.example" }),
    ];
    stage.start();
    for (let count = 1; count <= 3; count++) await stage.time.advance(await stage.waited(count));
    await stage.connected(1);
    assert.deepEqual(
      stage.transport.requests.map(({ url }) => new URL(url).hostname),
      ["old.example", "old.example", "old.example", "new.example"],
    );
  }));

test("An endpoint that accepts and sends a heartbeat before it falls silent is rediscovered, too", () =>
  withSession({}, async (stage) => {
    stage.ecs.answers = [
      () => Response.json({ endpoint: "https://old.example" }),
      () => Response.json({ endpoint: "https://new.example" }),
    ];
    stage.start();
    for (let count = 1; count <= 3; count++) {
      (await stage.connected(count)).message("HeartbeatMessage", {});
      // Nothing more arrives within the idle timeout.
      await stage.time.advance(60_000);
      await stage.time.advance(await stage.waited(count));
    }
    await stage.connected(4);
    const hosts = stage.transport.requests.map(({ url }) => new URL(url).hostname);
    assert.deepEqual(hosts, ["old.example", "old.example", "old.example", "new.example"]);
  }));

test("An endpoint that sends noise for half an hour is rediscovered after three such connections", () =>
  withSession({}, async (stage) => {
    stage.ecs.answers = [
      () => Response.json({ endpoint: "https://old.example" }),
      () => Response.json({ endpoint: "https://new.example" }),
    ];
    stage.start();
    const noise = ["<html>", '{"type":"Unheard","message":{}}'];
    for (let count = 1; count <= 3; count++) {
      const connection = await stage.connected(count);
      for (let half = 0; half < 60; half++) {
        connection.frame(noise[half % 2] ?? "");
        await stage.time.advance(30_000);
      }
    }
    await stage.connected(4);
    const hosts = stage.transport.requests.map(({ url }) => new URL(url).hostname);
    assert.deepEqual(hosts, ["old.example", "old.example", "old.example", "new.example"]);
    assert.equal(stage.eventsOf("waiting").length, 0);
  }));

test("A peer that only sends errors before it closes cleanly does not cause a tight loop either", () =>
  withSession({}, async (stage) => {
    stage.start();
    for (let count = 1; count <= 2; count++) {
      const connection = await stage.connected(count);
      connection.message("InactiveInstanceException", { message: "deregistered" });
      connection.end({ kind: "eof" });
    }
    assert.equal(await stage.waited(1), 250);
    assert.equal(stage.eventsOf("waiting")[0]?.reason, "storm");
  }));

test("If ECS cannot be called again either, the known endpoint is used", () =>
  withSession({}, async (stage) => {
    const bad = { kind: "fail", error: new ConnectError("unreachable") } as const;
    stage.transport.plan = [bad, bad, bad, { kind: "accept" }];
    stage.ecs.answers = [
      () => Response.json({ endpoint: "https://acs.example" }),
      () => Promise.reject(new TypeError("no network")),
    ];
    stage.start();
    for (let count = 1; count <= 3; count++) await stage.time.advance(await stage.waited(count));
    await stage.connected(1);
    assert.deepEqual(
      stage.eventsOf("discovered").map(({ source }) => source),
      ["discovered", "cached", "cached", "expired"],
    );
  }));

test("A clock skew is measured, explained in the log, and corrected for the next signature", () =>
  withCapturedLog((log) =>
    withSession({}, async (stage) => {
      const body = '{"AccessDeniedException":"Signature expired"}';
      stage.transport.plan = [refusal(403, body, Date.now() + HOUR), { kind: "accept" }];
      stage.start();
      await stage.time.advance(await stage.waited(1));
      await stage.connected(1);
      const [first, second] = stage.transport.headers;
      assert.equal(first?.["x-amz-date"], "20260101T000000Z");
      assert.equal(second?.["x-amz-date"], "20260101T010000Z");
      const { error } = stage.eventsOf("connectfailed")[0] ?? {};
      assert.ok(error instanceof ServiceException);
      assert.equal(error.clockSkewMs, HOUR);
      assert.match(error.message, /local clock is about 60 min behind/);
      assert.equal(error.retryable, true);
      assert.doesNotMatch(log.text(), /will not fix it/);
      assert.match(
        log.text(),
        /The local clock is about 60 min behind the service's: signatures are corrected from now on/,
      );
    })
  ));

test("An impossible date is not mistaken for a clock skew", () =>
  withSession({}, async (stage) => {
    const refused = refusal(502, "<html>", parseDateHeader("Sat, 13 Sep 275760 00:00:00 GMT"));
    stage.transport.plan = [refused, { kind: "accept" }];
    stage.start();
    await stage.time.advance(await stage.waited(1));
    await stage.connected(1);
  }));

for (
  const { what, body, aheadMs } of [
    { what: "a proxy's page", body: "<html>", aheadMs: HOUR },
    {
      what: "an exception, off by two days",
      body: '{"AccessDeniedException":"no"}',
      aheadMs: 48 * HOUR,
    },
  ]
) {
  test(`The Date header of ${what} does not change the time for which the next signature is made`, () =>
    withCapturedLog((log) =>
      withSession({}, async (stage) => {
        stage.transport.plan = [refusal(403, body, Date.now() + aheadMs), { kind: "accept" }];
        stage.start();
        await stage.time.advance(await stage.waited(1));
        await stage.connected(1);
        assert.equal(stage.transport.headers[1]?.["x-amz-date"], "20260101T000000Z");
        assert.doesNotMatch(log.text(), /corrected from now on|next signature/);
        assert.match(log.text(), /local clock is about \d+ min behind/);
      })
    ));
}

test("A skew of two days is corrected if timing.maxClockSkewMs allows it", () =>
  withSession({ timing: { maxClockSkewMs: 48 * HOUR } }, async (stage) => {
    const refused = refusal(403, '{"AccessDeniedException":"no"}', Date.now() + 48 * HOUR);
    stage.transport.plan = [refused, { kind: "accept" }];
    stage.start();
    await stage.time.advance(await stage.waited(1));
    await stage.connected(1);
    assert.equal(stage.transport.headers[1]?.["x-amz-date"], "20260103T000000Z");
  }));

test("A plaintext endpoint from an encrypted ECS is refused, discovered again, and never connected to", () =>
  withSession({}, async (stage) => {
    stage.ecs.answers = [
      () => Response.json({ endpoint: "http://acs.example/" }),
      () => Response.json({ endpoint: "https://acs.example/" }),
    ];
    stage.start();
    await stage.time.advance(await stage.waited(1));
    await stage.connected(1);
    const [{ stage: failed, error } = {}] = stage.eventsOf("connectfailed");
    assert.equal(failed, "discover");
    assert.equal(error?.name, "InvalidEndpointError");
    assert.equal(stage.ecs.calls.length, 2);
    assert.deepEqual(stage.transport.requests.map(({ url }) => new URL(url).protocol), ["wss:"]);
  }));

test("A clock skew reported by ECS is corrected in the same way", () =>
  withSession({}, async (stage) => {
    stage.ecs.answers = [
      () =>
        Response.json({ __type: "com.amazonaws.ecs#InvalidSignatureException", message: "late" }, {
          status: 400,
          headers: { date: new Date(Date.now() - HOUR).toUTCString() },
        }),
      () => Response.json({ endpoint: "https://acs.example" }),
    ];
    stage.start();
    await stage.time.advance(await stage.waited(1));
    await stage.connected(1);
    assert.match(stage.transport.headers[0]?.["x-amz-date"] ?? "", /^20251231T2300/);
  }));

test("A permanent error is reported as such, while the session keeps trying", () =>
  withCapturedLog((log) =>
    withSession({}, async (stage) => {
      stage.transport.plan = [
        refusal(403, '{"InvalidClusterException":"Cluster not found."}'),
        { kind: "accept" },
      ];
      stage.start();
      const delayMs = await stage.waited(1);
      const [failed] = stage.eventsOf("connectfailed");
      assert.ok(failed?.error instanceof ServiceException);
      assert.equal(failed.error.retryable, false);
      assert.equal(failed.error.name, "InvalidClusterException");
      const errors = log.records.filter(({ level }) => level === "error");
      assert.match(
        errors.map(({ message }) => message.join("")).join(),
        /will not fix it.*Cluster/,
      );
      assert.match(stage.session.health().problems.join(), /InvalidClusterException/);
      await stage.time.advance(delayMs);
      await stage.connected(1);
    })
  ));

test("A message that is redelivered after its acknowledgement was lost is acknowledged again", () => {
  const taken: unknown[] = [];
  return withSession({
    payloadMessageHandler: {
      processMessage(message, ack) {
        taken.push(message.messageId);
        return ack();
      },
    },
  }, async (stage) => {
    stage.start();
    const first = await stage.connected();
    first.message("PayloadMessage", { messageId: "p1", ...ARNS });
    await turns(3);
    first.end({ kind: "eof" });
    const second = await stage.connected(2);
    second.message("PayloadMessage", { messageId: "p1", ...ARNS });
    await turns(3);
    assert.equal(second.sentOf("AckRequest").length, 1);
    assert.deepEqual(taken, ["p1", "p1"]);
  });
});

test("A message that is redelivered while its first copy is handled is not handled twice; the acknowledgement goes out on the open connection", () => {
  const handler = heldHandler();
  return withSession({ payloadMessageHandler: handler }, async (stage) => {
    stage.start();
    const first = await stage.connected();
    first.message("PayloadMessage", { messageId: "p1", ...ARNS });
    first.end({ kind: "eof" });
    const second = await stage.connected(2);
    second.message("PayloadMessage", { messageId: "p1", ...ARNS });
    assert.deepEqual(handler.taken, ["p1"]);
    await handler.held[0]?.ack();
    handler.held[0]?.done();
    await turns(3);
    assert.equal(second.sentOf("AckRequest").length, 2, "one for each copy");
    assert.deepEqual(first.sent, []);
    assert.deepEqual(handler.taken, ["p1"]);
  });
});

test("A message that was redelivered while its first copy failed is tried once more", () => {
  const handler = heldHandler();
  let failures = 1;
  return withSession({
    payloadMessageHandler: {
      async processMessage(message, ack) {
        await handler.processMessage(message, ack);
        if (failures-- > 0) throw new Error("not yet");
        await ack();
      },
    },
  }, async (stage) => {
    stage.start();
    const connection = await stage.connected();
    for (let copy = 0; copy < 3; copy++) {
      connection.message("PayloadMessage", { messageId: "p1", ...ARNS });
    }
    await turns(1);
    handler.held[0]?.done();
    await until(() => handler.taken.length === 2, "it is tried again");
    handler.held[1]?.done();
    await turns(3);
    assert.equal(connection.sentOf("AckRequest").length, 1);
    assert.equal(stage.eventsOf("dropped").length, 1);
  });
});

test("An acknowledgement given while there is no connection is sent when the message is redelivered", () => {
  const handler = heldHandler();
  return withSession({ payloadMessageHandler: handler }, async (stage) => {
    stage.start();
    const first = await stage.connected();
    first.message("PayloadMessage", { messageId: "p1", ...ARNS });
    stage.transport.plan = [{ kind: "fail", error: new ConnectError("down") }, { kind: "accept" }];
    first.end({ kind: "eof" });
    const delayMs = await stage.waited(1);
    await handler.held[0]?.ack();
    await stage.time.advance(delayMs);
    const second = await stage.connected(2);
    second.message("PayloadMessage", { messageId: "p1", ...ARNS });
    handler.held[0]?.done();
    await turns(3);
    assert.equal(second.sentOf("AckRequest").length, 1);
  });
});

test("Waiting for a network interface blocks nothing and is visible", () =>
  withSession({
    eniHandler: { handleEniAttachment: () => new Promise<void>(() => {}) },
  }, async (stage) => {
    stage.start();
    const connection = await stage.connected();
    const eni = {
      macAddress: "02:00:00:00:00:01",
      ec2Id: "eni-1",
      ipv4Addresses: [{ primary: true, privateAddress: "10.0.0.5" }],
      subnetGatewayIpv4Address: "10.0.0.1/24",
    };
    for (const messageId of ["a1", "a2"]) {
      connection.message("AttachInstanceNetworkInterfacesMessage", {
        ...ARNS,
        messageId,
        waitTimeoutMs: 300_000,
        elasticNetworkInterfaces: [eni],
      });
    }
    await stage.time.advance(30_000);
    assert.equal(connection.sentOf("AckRequest").length, 2);
    const { ready, background } = stage.session.health();
    assert.deepEqual([ready, background], [true, { count: 2, oldestAgeMs: 30_000 }]);
  }));

test("Messages queued behind a handler that does not keep up make the session unready, and are reported", () => {
  const handler = heldHandler();
  return withCapturedLog((log) =>
    withSession({ payloadMessageHandler: handler }, async (stage) => {
      stage.start();
      const connection = await stage.connected();
      for (let n = 0; n < 146; n++) {
        connection.message("PayloadMessage", { messageId: `p${n}`, ...ARNS });
      }
      const handle = async (n: number) => {
        connection.message("HeartbeatMessage", { messageId: `h${n}` });
        await stage.time.advance(20_000);
        await handler.held[n]?.ack();
        handler.held[n]?.done();
        await stage.time.advance(0);
      };
      for (let n = 0; n < 2; n++) await handle(n);
      assert.equal(stage.session.health().ready, true);
      for (let n = 2; n < 5; n++) await handle(n);
      const { ready, problems } = stage.session.health();
      assert.equal(ready, false);
      assert.match(
        problems.join(),
        /a message has been waiting in the lane payload for 10\d{4} ms/,
      );
      const [backlogged, ...others] = stage.eventsOf("backlogged");
      assert.deepEqual([backlogged?.lane, others], ["payload", []]);
      assert.ok((backlogged?.oldestWaitingMs ?? 0) >= 60_000);
      assert.match(log.text(), /error 14\d messages are queued in the payload lane/);
      assert.deepEqual(stage.eventsOf("stuck"), []);
    })
  );
});

test("A full lane that refuses messages makes the session unready until it has reconnected", () => {
  const handler = heldHandler();
  return withSession(
    { payloadMessageHandler: handler, limits: { maxLaneMessages: 1 } },
    async (stage) => {
      stage.start();
      const connection = await stage.connected();
      for (const messageId of ["p0", "p1"]) {
        connection.message("PayloadMessage", { messageId, ...ARNS });
      }
      await turns(1);
      assert.equal(stage.session.health().ready, true);
      connection.message("PayloadMessage", { messageId: "p2", ...ARNS });
      await turns(1);
      const { ready, problems, lanes } = stage.session.health();
      assert.equal(ready, false);
      assert.deepEqual(problems, ["the lane payload is full and refuses messages"]);
      assert.deepEqual(lanes.filter(({ refusing }) => refusing).map(({ name }) => name), [
        "payload",
      ]);
      assert.deepEqual(stage.eventsOf("overflowed"), [{ lane: "payload", waiting: 2 }]);
      for (let n = 0; n < 2; n++) {
        handler.held[n]?.done();
        await stage.time.advance(0);
      }
      await stage.time.advance(await stage.waited(1));
      (await stage.connected(2)).message("HeartbeatMessage", { messageId: "h" });
      assert.deepEqual(stage.session.health().problems, []);
    },
  );
});

test("Too many queued messages: memory stays bounded, held messages are acknowledged, the others are redelivered", () => {
  const handler = heldHandler();
  return withSession(
    { payloadMessageHandler: handler, limits: { maxLaneMessages: 10 } },
    async (stage) => {
      stage.start();
      const connection = await stage.connected();
      for (let n = 0; n < 15; n++) {
        connection.message("PayloadMessage", { messageId: `p${n}`, ...ARNS });
      }
      await turns(1);
      const refused = stage.eventsOf("dropped").filter(({ reason }) => reason === "overflow");
      assert.deepEqual(refused.map(({ messageId }) => messageId), ["p11", "p12", "p13", "p14"]);
      const lane = () => stage.session.health().lanes.find(({ name }) => name === "payload");
      assert.equal(lane()?.depth, 11);
      assert.equal(connection.left, undefined, "the held messages could not be answered otherwise");

      for (let n = 0; n < 11; n++) {
        await handler.held[n]?.ack();
        handler.held[n]?.done();
        await stage.time.advance(0);
      }
      assert.equal(connection.sentOf("AckRequest").length, 11);
      assert.deepEqual(connection.left, { code: 1000, reason: "LaneOverflow: payload" });
      assert.equal(await stage.waited(1), 250);

      await stage.time.advance(250);
      const next = await stage.connected(2);
      next.message("PayloadMessage", { messageId: "p11", ...ARNS });
      assert.equal(handler.taken.at(-1), "p11");
    },
  );
});

test("A burst far larger than a lane is processed completely, with the initial delay each time", () => {
  const waiting = new Set(Array.from({ length: 60 }, (_, n) => `p${n}`));
  return withSession({
    payloadMessageHandler: {
      async processMessage({ messageId }, ack) {
        await new Promise((resolve) => setTimeout(resolve, 1));
        await ack();
        waiting.delete(messageId ?? "");
      },
    },
    limits: { maxLaneMessages: 10 },
  }, async (stage) => {
    stage.start();
    for (let attempt = 1;; attempt++) {
      const connection = await stage.connected(attempt);
      const expected = Math.min(11, waiting.size);
      for (const messageId of waiting) connection.message("PayloadMessage", { messageId, ...ARNS });
      await turns(1);
      await stage.time.advance(expected);
      assert.equal(connection.sentOf("AckRequest").length, expected);
      if (waiting.size === 0) return;
      assert.equal(await stage.waited(attempt), 250);
      await stage.time.advance(250);
    }
  });
});

test("A peer that stops reading is disconnected after the write timeout", () =>
  withSession({}, async (stage) => {
    stage.start();
    const connection = await stage.connected();
    connection.stalled = true;
    for (let second = 0; second < 175; second += 25) {
      connection.message("HeartbeatMessage", { messageId: "h" });
      await stage.time.advance(25_000);
    }
    assert.equal(connection.left, undefined);
    connection.message("HeartbeatMessage", { messageId: "h" });
    await stage.time.advance(35_000);
    assert.match(stage.eventsOf("disconnected")[0]?.reason ?? "", /accepted no data/);
  }));

test("A credentials function that hangs or throws ends the attempt, not the session", async () => {
  let calls = 0;
  await withSession({
    credentials: () => {
      calls += 1;
      if (calls === 1) return new Promise<never>(() => {});
      if (calls === 2) throw new Error("no metadata service");
      return CREDENTIALS;
    },
  }, async (stage) => {
    stage.start();
    await until(() => calls === 1, "credentials are requested");
    // The hanging call is abandoned after five minutes.
    await stage.time.advance(4 * 60_000);
    assert.equal(calls, 1);
    assert.ok(stage.eventsOf("connectfailed").length > 2);
    for (let waits = 0; waits < 20 && calls < 3; waits++) await stage.time.advance(10_000);
    await stage.connected(1);
    const names = new Set(stage.eventsOf("connectfailed").map(({ error }) => error.name));
    assert.deepEqual(names, new Set(["CredentialsError"]));
  });
});

test("With a credentials function that takes 1.2 s and a limit of 1 s, the session connects with the late answer, and makes one call at a time", async () => {
  let running = 0;
  let mostRunning = 0;
  await withSession({
    timing: { credentialsTimeoutMs: 1000 },
    credentials: async () => {
      mostRunning = Math.max(mostRunning, ++running);
      await new Promise((resolve) => setTimeout(resolve, 1200));
      running -= 1;
      return CREDENTIALS;
    },
  }, async (stage) => {
    stage.start();
    await until(() => running === 1, "credentials are requested");
    await stage.time.advance(1000);
    await stage.time.advance(await stage.waited(1));
    await stage.connected(1);
    assert.equal(stage.eventsOf("connectfailed").length, 1);
    assert.equal(mostRunning, 1);
  });
});

test("A credentials function that never settles does not keep a session from stopping", () =>
  withSession({ credentials: () => new Promise(() => {}) }, async (stage) => {
    stage.start();
    await until(() => stage.session.state.status === "discovering", "credentials are requested");
    await stage.stop();
    assert.equal(stage.session.state.status, "stopped");
    assert.equal(stage.time.pendingTimers(), 0);
  }));

const KEY_REFUSALS = [
  { by: "ECS", name: "ExpiredTokenException" },
  { by: "ECS", name: "UnrecognizedClientException" },
  { by: "ECS", name: "AccessDeniedException" },
  { by: "ACS", name: "AccessDeniedException" },
] as const;

for (const { by, name } of KEY_REFUSALS) {
  test(`A provider that caches its keys is asked for fresh ones after ${by} has answered ${name}`, async () => {
    let remembered = { ...CREDENTIALS, accessKeyId: "AKIDOLD" };
    await withSession({
      credentials: (properties) => {
        if (properties?.forceRefresh) remembered = { ...CREDENTIALS, accessKeyId: "AKIDNEW" };
        return remembered;
      },
    }, async (stage) => {
      if (by === "ECS") {
        stage.ecs.answers = [
          () => Response.json({ __type: name }, { status: 400 }),
          () => Response.json({ endpoint: "https://acs.example/" }),
        ];
      } else stage.transport.plan = [refusal(403, `{"${name}":"no"}`), { kind: "accept" }];
      stage.start();
      await stage.time.advance(await stage.waited(1));
      await stage.connected(1);
      assert.match(stage.transport.headers.at(-1)?.authorization ?? "", /Credential=AKIDNEW/);
    });
  });
}

test("A refusal that fresh keys cannot fix does not request any, nor does one caused by a wrong clock", async () => {
  const seen: unknown[] = [];
  await withSession(
    { credentials: (...given) => (seen.push(...given), CREDENTIALS) },
    async (stage) => {
      stage.transport.plan = [
        refusal(400, '{"InvalidClusterException":"no"}'),
        refusal(500, '{"ServerException":"no"}'),
        refusal(502, "<html>"),
        refusal(403, '{"AccessDeniedException":"Signature expired"}', Date.now() + HOUR),
        { kind: "accept" },
      ];
      stage.start();
      for (let count = 1; count <= 4; count++) await stage.time.advance(await stage.waited(count));
      await stage.connected(1);
      assert.deepEqual(seen, []);
    },
  );
});

test("Rotated credentials are used for the next attempt", () => {
  let n = 0;
  return withSession({
    credentials: () => ({ ...CREDENTIALS, accessKeyId: `AKID${++n}` }),
  }, async (stage) => {
    stage.start();
    (await stage.connected(1)).end({ kind: "eof" });
    await stage.connected(2);
    const ids = stage.transport.headers.map(({ authorization }) =>
      authorization?.match(/Credential=(\w+)/)?.[1]
    );
    assert.deepEqual(ids, ["AKID2", "AKID3"]);
  });
});

test("After a suspension, the session keeps neither a dead connection nor a stale delay", () =>
  withSession({}, async (stage) => {
    stage.start();
    await stage.connected(1);
    stage.time.setSystemTime(Date.now() + HOUR);
    await stage.time.advance(15_000);
    const connection = await stage.connected(2);
    assert.deepEqual(stage.eventsOf("suspended"), [{ suspendedMs: HOUR }]);
    connection.end({ kind: "close", code: 1008, reason: "InactiveInstanceException" });
    assert.equal(await stage.waited(1), HOUR);
    stage.time.setSystemTime(Date.now() + HOUR);
    await stage.time.advance(15_000);
    await stage.connected(3);
  }));

test("Routine closes are not logged as errors", () =>
  withCapturedLog((log) =>
    withSession({ timing: { connectionLifetimeMs: 30_000 } }, async (stage) => {
      stage.start();
      const ends = [
        { kind: "close", code: 1000, reason: "ConnectionExpired" },
        { kind: "close", code: 1001, reason: "" },
        { kind: "close", code: 1011, reason: "" },
        { kind: "eof" },
      ] as const;
      for (const [index, end] of ends.entries()) {
        const connection = await stage.connected(index + 1);
        connection.message("HeartbeatMessage", {});
        await stage.time.advance(5_000);
        connection.end(end);
      }
      await stage.connected(5);
      await stage.time.advance(30_000);
      await stage.connected(6);
      await stage.session.stop();
      assert.equal(stage.eventsOf("disconnected").length, 6);
      const worst = log.records.filter(({ level }) =>
        ["warning", "error", "fatal"].includes(level)
      );
      assert.deepEqual(worst, []);
    })
  ));

test("A thousand reconnects leave no timer and no message behind", () =>
  withSession({ timing: { minUsefulConnectionMs: 0 } }, async (stage) => {
    stage.start();
    const connection = await stage.connected(1);
    const timers = stage.time.pendingTimers();
    connection.message("HeartbeatMessage", {});
    connection.end({ kind: "eof" });
    for (let count = 2; count <= 1000; count++) {
      const next = await stage.connected(count);
      next.message("HeartbeatMessage", {});
      next.end({ kind: "eof" });
    }
    await stage.connected(1001);
    assert.equal(stage.time.pendingTimers(), timers);
    assert.ok(stage.session.health().lanes.every(({ depth }) => depth === 0));
  }));

test("No secret reaches the log, an error or an event, at any level and whatever fails", () => {
  const secrets = {
    instanceKey: CREDENTIALS.secretAccessKey,
    instanceToken: CREDENTIALS.sessionToken,
    taskKey: "task-role-secret-access-key",
    taskToken: "task-role-session-token",
    environment: "database-password",
  };
  const payload = {
    ...ARNS,
    messageId: "p1",
    tasks: [{
      arn: "arn:aws:ecs:us-west-2:123456789012:task/default/1",
      containers: [{ name: "web", environment: { PASSWORD: secrets.environment } }],
      roleCredentials: {
        credentialsId: "id",
        secretAccessKey: secrets.taskKey,
        sessionToken: secrets.taskToken,
      },
    }],
  };
  return withCapturedLog((log) =>
    withSession({
      payloadMessageHandler: {
        processMessage(message) {
          throw new Error(`cannot handle ${JSON.stringify(message)}`, {
            cause: new Error(JSON.stringify(message)),
          });
        },
      },
      // So that a payload reaches its handler first, and not the store.
      payloadCredentials: "handler",
      credentialsManager: {
        setTaskCredentials(credentials) {
          throw new Error(`disk full: ${JSON.stringify(credentials)}`);
        },
        getTaskCredentials: () => undefined,
        removeCredentials() {},
        addKnownCredentialsId() {},
        isCredentialsPending: () => false,
      },
    }, async (stage) => {
      // A proxy that answers with the request it received.
      const authorization = () => stage.transport.headers.at(-1)?.["authorization"] ?? "";
      const connect = stage.transport.connect.bind(stage.transport);
      let refusals = 2;
      stage.transport.connect = async (request) => {
        const connection = await connect(request);
        if (refusals-- <= 0) return connection;
        const echo = `${authorization()} x-amz-security-token: ${CREDENTIALS.sessionToken}`;
        throw refusal(
          refusals === 0 ? 502 : 403,
          refusals === 0 ? echo : JSON.stringify({
            type: "AccessDeniedException",
            message: { message: `bad signature ${echo}` },
          }),
        ).error;
      };
      stage.ecs.answers = [
        () =>
          Response.json({
            __type: "AccessDeniedException",
            message: `you sent ${CREDENTIALS.sessionToken}`,
          }, { status: 400 }),
        () => Response.json({ endpoint: "https://acs.example" }),
      ];
      stage.start();
      for (let count = 1; count <= 3; count++) await stage.time.advance(await stage.waited(count));
      const connection = await stage.connected(3);
      connection.message("PayloadMessage", payload);
      connection.message("PayloadMessage", { ...payload, messageId: 5 });
      connection.message("PayloadMessage", { ...payload, messageId: "" });
      connection.message("TaskOfTheFuture", payload);
      connection.frame(JSON.stringify(payload));
      connection.frame(JSON.stringify(payload).slice(0, -5));
      connection.message("IAMRoleCredentialsMessage", {
        messageId: "c1",
        taskArn: "arn:aws:ecs:us-west-2:123456789012:task/default/1",
        roleType: "TaskApplication",
        roleCredentials: payload.tasks[0]?.roleCredentials,
      });
      await turns(5);
      assert.equal(stage.eventsOf("dropped").length, 7);

      const reported = [
        log.text(),
        inspect(stage.events, { depth: 10, showHidden: true }),
        inspect(stage.session, { depth: 10, showHidden: true }),
        JSON.stringify(stage.session.health()),
        ...stage.eventsOf("connectfailed").map(({ error }) => `${error.stack} ${inspect(error)}`),
      ].join("\n");
      assert.match(reported, /cannot handle/, "the handler's error is reported");
      for (const [name, secret] of Object.entries(secrets)) {
        assert.ok(!reported.includes(secret), `${name} leaked: ${around(reported, secret)}`);
      }
      for (const { authorization } of stage.transport.headers) {
        assert.ok(!reported.includes(authorization ?? "none"), "an Authorization header leaked");
        const signature = authorization?.match(/Signature=(\w+)/)?.[1] ?? "none";
        assert.ok(!reported.includes(signature), "a signature leaked");
      }
      assert.ok(reported.includes(CONTAINER_INSTANCE_ARN) || reported.includes("acs.example"));
    })
  );
});

function around(text: string, part: string): string {
  const at = text.indexOf(part);
  return text.slice(Math.max(0, at - 200), at + part.length + 20);
}
