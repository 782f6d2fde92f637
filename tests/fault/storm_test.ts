/**
 * Storms: what one session does to a peer that drops it, and what many sessions do that lose their
 * connections at the same moment. docs/reliability.md has the figures.
 */

import assert from "node:assert/strict";
import { ConnectError } from "../../errors.ts";
import type { SessionOptions } from "../../session/options.ts";
import { DEFAULT_TIMING } from "../../session/timing.ts";
import type { TransportEnd } from "../../wsclient/transport.ts";
import { until, withFakeTime } from "../testing/fakes/fake_time.ts";
import { type Comebacks, comebacks } from "../testing/fakes/fleet.ts";
import { histogram, print, printHistogram } from "../testing/print.ts";
import { encodeClose, type RawConnection } from "../testing/sockets/raw_peer.ts";
import { ARNS, type SessionStage, withSession } from "../testing/fakes/session_stage.ts";
import { test } from "../testing/test.ts";
import { within } from "./transports_under_test.ts";
import { withSocketSession } from "./socket_session.ts";

/** The maximum number of connection attempts that a peer that drops each connection may see. */
const MOST_CONNECTS = 20;

/** Within this many milliseconds of the first one. */
const PERIOD_MS = 30_000;

const CLOSED_1000: TransportEnd = { kind: "close", code: 1000, reason: "" };
const EOF: TransportEnd = { kind: "eof" };

/** The fields of the peer's messages; all others have only a text. */
const MESSAGES: Readonly<Record<string, object>> = {
  HeartbeatMessage: { messageId: "h", healthy: true },
  PayloadMessage: { messageId: "p", ...ARNS, tasks: [] },
  TaskManifestMessage: { messageId: "m", ...ARNS, tasks: [], timeline: 1 },
};

/**
 * Makes a peer send something and drop each connection immediately, and counts the connection
 * attempts.
 */
async function connectsSeen(
  stage: SessionStage,
  says: readonly string[],
  end: TransportEnd,
): Promise<number> {
  const { transport, time } = stage;
  const waits = () => stage.eventsOf("waiting").length;
  const endAt = Date.now() + PERIOD_MS;
  stage.start();
  for (let connects = 1;; connects++) {
    const connection = await stage.connected(connects);
    for (const type of says) connection.message(type, MESSAGES[type] ?? { message: "no" });
    const waitsBefore = waits();
    connection.end(end);
    await until(
      () => transport.requests.length > connects || waits() > waitsBefore,
      "the session waits or reconnects",
    );
    if (connects > 10 * MOST_CONNECTS) return connects;
    if (waits() === waitsBefore) continue;
    const delayMs = await stage.waited(waits());
    if (Date.now() + delayMs >= endAt) return connects;
    await time.advance(delayMs);
  }
}

for (
  const { how, end } of [
    { how: "the end of the stream (1006)", end: EOF },
    { how: "code 1000", end: CLOSED_1000 },
    { how: "code 1001", end: { kind: "close", code: 1001, reason: "" } },
    { how: "code 1011", end: { kind: "close", code: 1011, reason: "" } },
    { how: "a reset", end: { kind: "error", error: new Error("reset by peer") } },
  ] satisfies { how: string; end: TransportEnd }[]
) {
  for (
    const says of [
      [],
      ["AccessDeniedException"],
      ["CloseMessage"],
      ["HeartbeatMessage"],
      ["TaskManifestMessage", "PayloadMessage", "CloseMessage"],
    ]
  ) {
    const what = says.length === 0 ? "says nothing" : `says ${says.join(", ")}`;
    test(`A peer that accepts, ${what} and drops with ${how} sees at most ${MOST_CONNECTS} connection attempts in 30 s`, () =>
      withSession({}, async (stage) => {
        const connects = await connectsSeen(stage, says, end);
        print(`  a peer that ${what} and drops with ${how}: ${connects} attempts in 30 s`);
        assert.ok(connects <= MOST_CONNECTS);
      }));
  }
}

const UNREACHABLE = { kind: "fail", error: new ConnectError("down") } as const;

/** Makes ECS return a different host for each call. */
function wander({ ecs }: SessionStage): void {
  let host = 0;
  ecs.answers = [() => Response.json({ endpoint: `https://acs-${++host}.example` })];
}

/** Makes the peer send a heartbeat and drop each connection. */
function dropAll({ session, transport }: SessionStage): void {
  session.addEventListener("connected", async () => {
    const { connection } = transport;
    await until(() => connection.isServed, "it is served");
    connection.message("HeartbeatMessage", {});
    connection.end(CLOSED_1000);
  });
}

for (
  const { what, options = {}, prepare = () => {} } of [
    {
      what: "ECS returns a different host each time, and none can be reached",
      options: { timing: { endpointCacheTtlMs: 0 } },
      prepare: (stage) => {
        wander(stage);
        stage.transport.plan = [UNREACHABLE];
      },
    },
    {
      what: "ECS returns a different host each time, and each sends a message and drops",
      options: { timing: { endpointCacheTtlMs: 0 } },
      prepare: (stage) => {
        wander(stage);
        dropAll(stage);
      },
    },
    {
      what: "every second connection is refused, and the others are dropped",
      prepare: (stage) => {
        stage.transport.plan = Array.from(
          { length: 500 },
          (_, index) => index % 2 === 0 ? UNREACHABLE : { kind: "accept" as const },
        );
        dropAll(stage);
      },
    },
    {
      what: "the credentials function throws immediately",
      options: {
        credentials: () => {
          throw new Error("no keys");
        },
      },
    },
    {
      what: "the transport throws immediately",
      options: {
        transport: {
          connect() {
            throw new Error("no socket");
          },
        },
      },
    },
    {
      what: "fetch throws immediately",
      options: {
        fetch() {
          throw new Error("no network");
        },
      },
    },
    {
      what: "the transport's connections cannot be listened to",
      options: {
        transport: {
          connect: () =>
            Promise.resolve({
              bufferedAmount: 0,
              listen() {
                throw new Error("gone");
              },
              send() {},
              close: () => Promise.resolve(),
            }),
        },
      },
    },
    {
      what: "the clock is set forward by a minute every five seconds",
      prepare: (stage) => {
        stage.transport.plan = [UNREACHABLE];
        setInterval(() => stage.time.setSystemTime(Date.now() + 60_000), 5_000);
      },
    },
  ] satisfies {
    what: string;
    options?: Partial<SessionOptions>;
    prepare?: (stage: SessionStage) => void;
  }[]
) {
  test(`There are few attempts in 30 s when ${what}`, () =>
    withSession(options, async (stage) => {
      prepare(stage);
      let attempts = 0;
      stage.session.addEventListener("statechange", ({ detail: { state } }) => {
        if (state.status === "discovering") attempts += 1;
      });
      stage.start();
      for (let ms = 0; ms < PERIOD_MS; ms += 50) {
        // An attempt takes real event loop turns; no time must pass during them.
        await until(() => stage.session.state.status === "waiting", "it waits");
        await stage.time.advance(50);
        if (attempts > 10 * MOST_CONNECTS) break;
      }
      print(`  ${attempts} attempts in 30 s when ${what}`);
      // Each change to the clock costs a fresh start.
      assert.ok(attempts <= 2 * MOST_CONNECTS, `${attempts} attempts`);
    }));
}

/** How many sessions share the service. */
const FLEET = 1_000;

async function lose(end: TransportEnd, outageMs: number): Promise<Comebacks> {
  let seen: Comebacks | undefined;
  await withFakeTime(async (time) => {
    seen = await comebacks(time, { sessions: FLEET, end, outageMs, seed: 1 });
  });
  return seen ?? assert.fail("it was not run");
}

for (const outageMs of [1_000, 10_000]) {
  test(`${FLEET} sessions that lose their service for ${outageMs / 1000} s at the same moment reconnect spread over time`, async () => {
    const { backAfterMs, triedAfterMs } = await lose(EOF, outageMs);
    const bars = histogram(backAfterMs, 10);
    const [first = 0, last = 0] = [Math.min(...backAfterMs), Math.max(...backAfterMs)];
    print(`  ${FLEET} sessions reconnect after an outage of ${outageMs / 1000} s:`);
    printHistogram(bars);
    print(`  ${triedAfterMs.length} attempts in total, ${triedAfterMs.length / FLEET} per session`);
    assert.equal(backAfterMs.length, FLEET);
    // A fifth of each delay is random: over several delays, this adds up to a proportional spread.
    assert.ok(last - first >= outageMs / 10, `all reconnected within ${last - first} ms`);
    const most = Math.max(...bars.map(({ count }) => count));
    assert.ok(most <= FLEET / 3, `${most} reconnected within a tenth of that time`);
  });
}

test(`${FLEET} sessions whose service closes their connections cleanly and then accepts new ones reconnect immediately, with one attempt each`, async () => {
  const { backAfterMs, triedAfterMs } = await lose(CLOSED_1000, 0);
  assert.equal(triedAfterMs.length, FLEET);
  assert.ok(backAfterMs.every((ms) => ms === 0));
});

/** The session of the socket tests runs faster than the default by this factor. */
const FASTER = 100;

for (
  const { how, drop } of [
    { how: "the end of the stream, before the upgrade", drop: (peer) => peer.end() },
    { how: "a reset, before the upgrade", drop: (peer) => peer.reset() },
    {
      how: "the end of the stream, after it",
      drop: async (peer) => {
        await peer.accept();
        peer.end();
      },
    },
    {
      how: "a reset, after it",
      drop: async (peer) => {
        await peer.accept();
        peer.reset();
      },
    },
    ...[1000, 1011].map((code) => ({
      how: `code ${code}, in the segment that accepts`,
      drop: async (peer: RawConnection) => {
        await peer.accept({ followedBy: encodeClose(code) });
        peer.end();
      },
    })),
  ] satisfies { how: string; drop: (peer: RawConnection) => void | Promise<void> }[]
) {
  test(`Over real sockets, a peer that drops with ${how} sees at most ${MOST_CONNECTS} attempts before 30 s of delays have passed`, async () => {
    const options = {
      random: () => 0,
      timing: {
        backoffMinMs: DEFAULT_TIMING.backoffMinMs / FASTER,
        backoffMaxMs: DEFAULT_TIMING.backoffMaxMs / FASTER,
      },
    };
    await withSocketSession(drop, options, async (session, peer) => {
      let attempts = 0;
      let waitedMs = 0;
      session.addEventListener("connecting", () => attempts += 1);
      const enough = new Promise<void>((resolve) =>
        session.addEventListener("waiting", ({ detail: { delayMs } }) => {
          waitedMs += delayMs;
          if (waitedMs >= PERIOD_MS / FASTER || attempts > MOST_CONNECTS) resolve();
        })
      );
      void session.start();
      await within(enough, "30 s of delays");
      await session.stop();
      print(`  a peer that drops with ${how}: ${attempts} attempts, ${peer.accepted} connections`);
      assert.ok(attempts <= MOST_CONNECTS, `${attempts} attempts in ${waitedMs} ms`);
    });
  });
}
