import assert from "node:assert/strict";
import { ConnectError } from "../../errors.ts";
import { refusedWith, UNREACHABLE } from "../testing/fakes/failed_connects.ts";
import {
  CONTAINER_INSTANCE_ARN,
  CREDENTIALS,
  withSession,
} from "../testing/fakes/session_stage.ts";
import { test } from "../testing/test.ts";

const DAY = 24 * 3_600_000;

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
    stage.transport.plan = [UNREACHABLE];
    stage.start();
    assert.equal(await stage.waited(1), 300);
  }));

test("A clean end resets the delays", () =>
  withSession({}, async (stage) => {
    stage.transport.plan = [UNREACHABLE, UNREACHABLE, { kind: "accept" }];
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
    stage.transport.plan = [UNREACHABLE, { kind: "accept" }];
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
    stage.transport.plan = [refusedWith("InactiveInstanceException"), { kind: "accept" }];
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
    stage.transport.plan = [refusedWith("InactiveInstanceException"), { kind: "accept" }];
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
    stage.transport.plan = [UNREACHABLE];
    stage.start();
    await stage.waited(1);
    const began = Date.now();
    for (let second = 0; second < 185; second++) await stage.time.advance(1000);
    const reports = stage.eventsOf("failing");
    assert.equal(reports.length, 3);
    assert.ok(reports.every(({ stage, since }) => stage === "connect" && since === began));
  }));

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
