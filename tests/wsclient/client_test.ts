import assert from "node:assert/strict";
import { inspect } from "node:util";
import { NotConnectedError, WsClient, type WsClientOptions } from "../../wsclient/client.ts";
import type { ConnectionEnd } from "../../wsclient/connection_end.ts";
import { ClockSkew } from "../../wsclient/signing/clock_skew.ts";
import { CredentialSource } from "../../wsclient/signing/credential_source.ts";
import { CredentialsError } from "../../wsclient/signing/credentials.ts";
import { ConnectError } from "../../errors.ts";
import { UpgradeRefusedError } from "../../wsclient/upgrade_refused_error.ts";
import { ServiceException } from "../../wsclient/service_exception.ts";
import type { Frame, Transport, TransportEnd } from "../../wsclient/transport.ts";
import { type FakeTime, until, withFakeTime } from "../testing/fakes/fake_time.ts";
import { type MemoryConnection, MemoryTransport } from "../testing/fakes/memory_transport.ts";
import { test } from "../testing/test.ts";

const KEYS = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "made/up+secret" };
const MINUTE = 60_000;
const URL_OF_ACS = "wss://acs.example/ws?seqNum=1";

function optionsOf(changes: Partial<WsClientOptions> = {}): WsClientOptions {
  return {
    transport: new MemoryTransport(),
    url: URL_OF_ACS,
    region: "us-west-2",
    credentials: new CredentialSource(KEYS),
    clockSkew: new ClockSkew(),
    random: () => 0.5,
    timing: {
      connectTimeoutMs: 30_000,
      credentialsTimeoutMs: 30_000,
      idleTimeoutMs: MINUTE,
      idleJitterMs: MINUTE,
      writeTimeoutMs: 3 * MINUTE,
      connectionLifetimeMs: 30 * MINUTE,
      connectionLifetimeJitterMs: 5 * MINUTE,
    },
    limits: { maxSendBufferSize: 1000 },
    ...changes,
  };
}

function connect(
  changes: Partial<WsClientOptions>,
  signal: AbortSignal = new AbortController().signal,
): Promise<WsClient> {
  return WsClient.connect(optionsOf(changes), signal);
}

/** A tracked promise: its outcome can be inspected, and its rejection is never unhandled. */
function watched<T>(promise: Promise<T>): { value?: T; error?: unknown; settled: boolean } {
  const outcome: { value?: T; error?: unknown; settled: boolean } = { settled: false };
  promise.then((value) => {
    outcome.value = value;
    outcome.settled = true;
  }, (error) => {
    outcome.error = error;
    outcome.settled = true;
  });
  return outcome;
}

interface Stage {
  readonly time: FakeTime;
  readonly client: WsClient;
  readonly transport: MemoryTransport;
  readonly connection: MemoryConnection;
  readonly received: Frame[];
  readonly served: { value?: ConnectionEnd; error?: unknown; settled: boolean };
}

/** A connected client that is being served. */
async function withServed(
  changes: Partial<WsClientOptions>,
  fn: (stage: Stage) => Promise<void>,
): Promise<void> {
  await withFakeTime(async (time) => {
    const transport = new MemoryTransport();
    const client = await connect({ transport, ...changes });
    const received: Frame[] = [];
    const served = watched(client.serve((frame) => void received.push(frame)));
    await fn({ time, client, transport, connection: transport.connection, received, served });
  });
}

/** Asserts that a client is done: its end reported, no timer left, nothing more to be sent. */
function assertEnded({ time, client, served }: Stage, expected: ConnectionEnd): void {
  assert.deepEqual(served.value, expected);
  assert.equal(time.pendingTimers(), 0);
  assert.throws(() => client.send("AckRequest", {}), NotConnectedError);
}

test("A client connects to its URL with headers signed for the current time, and leaves no timer behind", () =>
  withFakeTime(async (time) => {
    const transport = new MemoryTransport();
    const client = await connect({ transport });
    assert.equal(client.host, "acs.example");
    assert.deepEqual(transport.requests.map(({ url }) => url), [URL_OF_ACS]);
    const [headers] = transport.headers;
    assert.equal(headers?.["x-amz-date"], "20260101T000000Z");
    assert.match(headers?.authorization ?? "", /\/20260101\/us-west-2\/ecs\/aws4_request/);
    assert.equal(time.pendingTimers(), 0);
  }));

test("The signature is made for the service's clock if the local one is known to be wrong", () =>
  withFakeTime(async () => {
    const clockSkew = new ClockSkew();
    clockSkew.observe(-600_000);
    const transport = new MemoryTransport();
    await connect({ transport, clockSkew });
    assert.equal(transport.headers[0]?.["x-amz-date"], "20251231T235000Z");
  }));

test("A transport that requests headers again, to learn why it was refused, gets them signed for the current time with the same keys", () =>
  withFakeTime(async (time) => {
    let calls = 0;
    const transport = new MemoryTransport();
    await connect({
      transport,
      credentials: new CredentialSource(() => ({ ...KEYS, accessKeyId: `AKID${++calls}` })),
    });
    time.setSystemTime(Date.UTC(2026, 0, 1, 0, 0, 7));
    const again = await transport.requests[0]?.headers();
    assert.equal(calls, 1);
    assert.match(transport.headers[0]?.authorization ?? "", /Credential=AKID1\//);
    assert.match(again?.authorization ?? "", /Credential=AKID1\//);
    assert.equal(again?.["x-amz-date"], "20260101T000007Z");
  }));

test("A peer that does not complete the upgrade times out after 30 s", () =>
  withFakeTime(async (time) => {
    const transport = new MemoryTransport();
    transport.plan = [{ kind: "hang" }];
    const connecting = watched(connect({ transport }));
    await until(() => transport.headers.length === 1, "an attempt");
    await time.advance(29_999);
    assert.equal(connecting.settled, false);
    await time.advance(1);
    const { error } = connecting;
    assert.ok(error instanceof ConnectError);
    assert.equal(error.systemCode, "ETIMEDOUT");
    assert.equal(error.retryable, true);
    assert.equal(
      error.message,
      "name lookup, TCP, TLS or the upgrade of acs.example did not finish in 30000 ms",
    );
    assert.equal(time.pendingTimers(), 0);
  }));

test("An abort ends a connection attempt immediately, with the abort's reason, and leaves no timer behind", () =>
  withFakeTime(async (time) => {
    const transport = new MemoryTransport();
    transport.plan = [{ kind: "hang" }];
    const controller = new AbortController();
    const reason = new Error("stopped");
    const connecting = watched(connect({ transport }, controller.signal));
    await until(() => transport.headers.length === 1, "an attempt");
    controller.abort(reason);
    await until(() => connecting.settled, "the end of the attempt");
    assert.equal(connecting.error, reason);
    assert.equal(time.pendingTimers(), 0);
  }));

test("An abort ends the attempt immediately while the credentials function hangs; without one it times out after 30 s", () =>
  withFakeTime(async (time) => {
    const transport = new MemoryTransport();
    const changes = { transport, credentials: new CredentialSource(() => new Promise(() => {})) };
    const controller = new AbortController();
    const reason = new Error("stopped");
    const aborted = watched(connect(changes, controller.signal));
    await time.advance(1000);
    controller.abort(reason);
    await until(() => aborted.settled, "the end of the attempt");
    assert.equal(aborted.error, reason);

    const hanging = watched(connect(changes));
    await time.advance(30_000);
    assert.ok(hanging.error instanceof CredentialsError);
    assert.equal(time.pendingTimers(), 0);
    assert.equal(transport.requests.length, 0);
  }));

test("A transport's error is rethrown unchanged", () =>
  withFakeTime(async (time) => {
    const transport = new MemoryTransport();
    const error = new ConnectError("Cannot reach acs.example", { systemCode: "ECONNREFUSED" });
    transport.plan = [{ kind: "fail", error }];
    await assert.rejects(connect({ transport }), (thrown) => thrown === error);
    assert.equal(time.pendingTimers(), 0);
  }));

/** Refuses with a body that echoes the headers of the second request, as a probe would see it. */
function echoing(body: (headers: Record<string, string>) => string): Transport {
  return {
    async connect({ headers }) {
      await headers();
      throw new UpgradeRefusedError({
        host: "acs.example",
        status: 403,
        body: body(await headers()),
        serverDate: undefined,
      });
    },
  };
}

for (
  const { how, body } of [
    { how: "the token", body: (h) => `got ${h["x-amz-security-token"]}` },
    { how: "the Authorization header", body: (h) => `got ${h.authorization}` },
    { how: "the signature", body: (h) => `not ${h.authorization?.split("Signature=")[1]}, sorry` },
    { how: "all headers as JSON", body: (h) => JSON.stringify(h) },
    {
      how: "all headers within an exception",
      body: (h) => JSON.stringify({ AccessDeniedException: JSON.stringify(h) }),
    },
  ] satisfies { how: string; body: (headers: Record<string, string>) => string }[]
) {
  test(`A refusal that echoes ${how} of any signature contains no secret`, () =>
    withFakeTime(async () => {
      const connecting = connect({
        transport: echoing(body),
        credentials: new CredentialSource({
          ...KEYS,
          sessionToken: "made+up/token/number/one==",
        }),
      });
      await assert.rejects(connecting, (error) => {
        assert.ok(error instanceof UpgradeRefusedError || error instanceof ServiceException);
        const printed = [error.message, error.stack, inspect(error, { depth: 10 })].join();
        assert.match(printed, /\[redacted\]/);
        assert.ok(!printed.includes("made+up/token"), printed);
        assert.doesNotMatch(printed, /[0-9a-f]{64}/);
        return true;
      });
    }));
}

test("Every frame is delivered as it arrived, whatever it contains", () =>
  withServed({}, (stage) => {
    const { connection, received } = stage;
    const frames = ["{}", new TextEncoder().encode('{"type":"HeartbeatMessage"}'), "not JSON", ""];
    for (const frame of frames) connection.frame(frame);
    assert.deepEqual(received, frames);
    return Promise.resolve();
  }));

test("A message is sent as a frame", () =>
  withServed({}, ({ client, connection }) => {
    client.send("HeartbeatAckRequest", { messageId: "h1" });
    assert.deepEqual(connection.sent, [
      '{"type":"HeartbeatAckRequest","message":{"messageId":"h1"}}',
    ]);
    return Promise.resolve();
  }));

test("A frame of any kind resets the idle timer, with new jitter", async () => {
  const draws = [0, 0.9, 0.1, 0.5, 0.2];
  // The maximum lifetime is drawn after the first idle timeout; this test is not about it.
  let draw = 0;
  const random = () => draws[draw++] ?? 0;
  await withServed({ random }, async (stage) => {
    const { time, connection } = stage;
    const frames = ['{"type":"HeartbeatMessage","message":{}}', '{"type":"X"}', "no JSON"];
    await time.advance(59_999);
    for (const [index, frame] of frames.entries()) {
      connection.frame(frame);
      const limit = MINUTE + MINUTE * (draws[index + 2] ?? 0);
      await time.advance(limit - 1);
      assert.equal(stage.served.settled, false);
    }
    await time.advance(1);
    assertEnded(stage, { kind: "idle" });
    assert.equal(draw, 5);
  });
});

test("A peer that is silent for the idle timeout is disconnected, with a close frame that says so", () =>
  withServed({}, async (stage) => {
    await stage.time.advance(89_999);
    assert.equal(stage.served.settled, false);
    await stage.time.advance(1);
    assertEnded(stage, { kind: "idle" });
    assert.deepEqual(stage.connection.left, {
      code: 1000,
      reason: "IdleTimeout: nothing received",
    });
  }));

for (
  const { draw, minutes } of [
    { draw: 0, minutes: 30 },
    { draw: 0.4, minutes: 32 },
    { draw: 1, minutes: 35 },
  ]
) {
  test(`A connection is closed after its maximum lifetime, ${minutes} min, with the reference agent's reason`, () =>
    withServed({ random: () => draw }, async (stage) => {
      const { time, connection } = stage;
      for (let beat = 0; beat < minutes * 2 - 1; beat++) {
        await time.advance(MINUTE / 2);
        connection.message("HeartbeatMessage", {});
      }
      await time.advance(MINUTE / 2 - 1);
      assert.equal(stage.served.settled, false);
      await time.advance(1);
      assertEnded(stage, { kind: "expired" });
      assert.deepEqual(connection.left, {
        code: 1000,
        reason: "ConnectionExpired: Reconnect to continue",
      });
    }));
}

test("A peer that reads nothing within the write timeout is disconnected", () =>
  withServed({}, async (stage) => {
    const { time, client, connection } = stage;
    connection.stalled = true;
    client.send("HeartbeatAckRequest", { messageId: "h1" });
    for (let minute = 0; minute < 3; minute++) {
      assert.equal(stage.served.settled, false);
      connection.message("HeartbeatMessage", {});
      await time.advance(MINUTE);
    }
    assertEnded(stage, { kind: "write-stalled" });
    assert.deepEqual(connection.left, { code: 1000, reason: "WriteTimeout: nothing accepted" });
  }));

test("A peer whose message takes longer than the idle timeout to arrive stays connected as long as bytes arrive", () =>
  withServed({}, async (stage) => {
    const { time, connection } = stage;
    for (let minute = 0; minute < 10; minute++) {
      connection.activity({ hasReceived: true, isWriting: false });
      await time.advance(MINUTE - 1);
    }
    assert.equal(stage.served.settled, false);
    // Frames sent are not a sign of life.
    connection.activity({ hasReceived: false, isWriting: true });
    await time.advance(2 * MINUTE);
    assertEnded(stage, { kind: "idle" });
  }));

test("Pongs that the peer does not read count towards the send buffer", () =>
  withServed({}, async (stage) => {
    const { connection } = stage;
    connection.bufferedAmount = 16 * 2 ** 20;
    connection.activity({ hasReceived: true, isWriting: true });
    assert.equal(stage.served.settled, false);
    connection.bufferedAmount += 1;
    connection.activity({ hasReceived: true, isWriting: true });
    await until(() => stage.served.settled, "the end");
    assertEnded(stage, { kind: "write-overflow" });
    assert.deepEqual(connection.left, { code: 1000, reason: "WriteOverflow: too little accepted" });
    connection.activity({ hasReceived: true, isWriting: true });
  }));

const ENDS: readonly TransportEnd[] = [
  { kind: "write-overflow" },
  { kind: "close", code: 1000, reason: "bye" },
  { kind: "close", code: 1011, reason: "" },
  { kind: "eof" },
  { kind: "error", error: new Error("connection reset") },
];

for (const end of ENDS) {
  test(`An end by the peer (${end.kind}${end.kind === "close" ? ` ${end.code}` : ""}) is reported as it was, once, and the client does not answer it`, () =>
    withServed({}, async (stage) => {
      const { connection, received } = stage;
      connection.end(end);
      connection.end({ kind: "eof" });
      connection.message("HeartbeatMessage", {});
      await until(() => stage.served.settled, "the end");
      assertEnded(stage, end);
      assert.equal(received.length, 0);
      assert.equal(connection.left, undefined);
      stage.client.close("too late");
      assert.equal(connection.left, undefined);
    }));
}

test("Closing reports the reason to the peer and to the caller, once, without waiting for the peer", () =>
  withServed({}, async (stage) => {
    stage.client.close("Stopped");
    stage.client.close("twice");
    await until(() => stage.served.settled, "the end");
    assertEnded(stage, { kind: "closed", reason: "Stopped" });
    assert.deepEqual(stage.connection.left, { code: 1000, reason: "Stopped" });
  }));

test("The caller of close can wait for the peer's answer; the connection has ended by then", () =>
  withFakeTime(async () => {
    const answered = Promise.withResolvers<void>();
    const transport: Transport = {
      async connect({ headers }) {
        await headers();
        return {
          bufferedAmount: 0,
          listen: () => {},
          send: () => {},
          close: () => answered.promise,
        };
      },
    };
    const client = await connect({ transport });
    const served = watched(client.serve(() => {}));
    const closed = watched(client.close("Stopped"));
    await until(() => served.settled, "the end");
    assert.equal(closed.settled, false);
    answered.resolve();
    await until(() => closed.settled, "the answer");
    await client.close("again");
  }));

test("Closing from within a frame ends the connection there", () =>
  withFakeTime(async (time) => {
    const transport = new MemoryTransport();
    const client = await connect({ transport });
    let frames = 0;
    const served = watched(client.serve(() => {
      frames += 1;
      client.close("enough");
    }));
    transport.connection.message("HeartbeatMessage", {});
    transport.connection.message("HeartbeatMessage", {});
    await until(() => served.settled, "the end");
    assert.deepEqual(served.value, { kind: "closed", reason: "enough" });
    assert.equal(frames, 1);
    assert.equal(time.pendingTimers(), 0);
  }));

test("A transport that continues after the client has closed is ignored, and starts no timer", () =>
  withFakeTime(async (time) => {
    const listeners: Parameters<MemoryConnection["listen"]>[0][] = [];
    const transport: Transport = {
      async connect({ headers }) {
        await headers();
        return {
          bufferedAmount: 0,
          listen: (listener) => void listeners.push(listener),
          send: () => {},
          close: () => Promise.resolve(),
        };
      },
    };
    const client = await connect({ transport });
    let frames = 0;
    const served = watched(client.serve(() => frames++));
    client.close("Stopped");
    listeners[0]?.message("{}");
    listeners[0]?.end({ kind: "eof" });
    await until(() => served.settled, "the end");
    assert.deepEqual(served.value, { kind: "closed", reason: "Stopped" });
    assert.equal(frames, 0);
    assert.equal(time.pendingTimers(), 0);
  }));

test("A client that is not connected sends nothing, and throws an error that says so", () =>
  withFakeTime(async () => {
    const transport = new MemoryTransport();
    const client = await connect({ transport });
    const expected = {
      name: "NotConnectedError",
      message: "There is no open connection to acs.example",
    };
    assert.throws(() => client.send("AckRequest", {}), expected);
    client.close("not needed");
    assert.deepEqual(transport.connection.left, { code: 1000, reason: "not needed" });
    await assert.rejects(client.serve(() => {}), expected);
  }));

test("Frames and an end that arrived before the client listens are delivered when it starts", () =>
  withFakeTime(async (time) => {
    const transport: Transport = {
      async connect({ headers }) {
        await headers();
        return {
          bufferedAmount: 0,
          listen(listener) {
            listener.message('{"type":"HeartbeatMessage","message":{}}');
            listener.end({ kind: "eof" });
          },
          send: () => {},
          close: () => Promise.resolve(),
        };
      },
    };
    const client = await connect({ transport });
    const received: Frame[] = [];
    const end = await client.serve((frame) => void received.push(frame));
    assert.deepEqual(received, ['{"type":"HeartbeatMessage","message":{}}']);
    assert.deepEqual(end, { kind: "eof" });
    assert.equal(time.pendingTimers(), 0);
  }));
