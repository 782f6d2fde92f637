/**
 * The wall clock is set back and forward by seconds, hours and days while a session is in each of
 * its states. Setting it back changes nothing; setting it forward by 30 s or more may cost one
 * reconnect, reported as a suspension, and nothing else.
 */

import assert from "node:assert/strict";
import { ConnectError } from "../../errors.ts";
import type { SessionOptions } from "../../session/options.ts";
import type { SessionEventMap } from "../../session/reporting/events.ts";
import { UpgradeRefusedError } from "../../wsclient/upgrade_refused_error.ts";
import type { MemoryConnection } from "../testing/fakes/memory_transport.ts";
import { turns, until } from "../testing/fakes/fake_time.ts";
import { ARNS, type SessionStage, withSession } from "../testing/fakes/session_stage.ts";
import { test } from "../testing/test.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A state that a session can be in. */
interface Situation {
  readonly what: string;
  readonly options?: Partial<SessionOptions>;
  /** Brings the session into this state. */
  readonly arrive: (stage: SessionStage) => Promise<void>;
  /** How long the session is observed after the clock was set, in ms. */
  readonly watchMs: number;
  /**
   * Whether setting the clock forward ends this state and makes the session reconnect immediately.
   */
  readonly isEnded: boolean;
  /** Whether the pending operation then hangs until it times out. */
  readonly hangs?: true;
  /** What the peer does every 20 s from then on. Default: it sends a heartbeat. */
  readonly peer?: (connection: MemoryConnection) => void;
}

const unreachable = { kind: "fail", error: new ConnectError("down") } as const;

const deregistered = {
  kind: "fail",
  error: new UpgradeRefusedError({
    host: "acs.example",
    status: 400,
    body: '{"InactiveInstanceException":"gone"}',
    serverDate: undefined,
  }),
} as const;

const hanging = () => new Promise<void>(() => {});

const payload = { messageId: "p1", ...ARNS, tasks: [] };

async function connect(stage: SessionStage): Promise<MemoryConnection> {
  stage.start();
  const connection = await stage.connected();
  connection.message("HeartbeatMessage", {});
  return connection;
}

const SITUATIONS: readonly Situation[] = [
  { what: "idle", arrive: () => Promise.resolve(), watchMs: MINUTE, isEnded: false },
  {
    what: "calling ECS, which hangs",
    async arrive(stage) {
      const never = new Promise<Response>(() => {});
      stage.ecs.answers = [() => never, () => Response.json({ endpoint: "https://acs.example" })];
      stage.start();
      await until(() => stage.ecs.calls.length === 1, "ECS is called");
    },
    hangs: true,
    watchMs: 3 * MINUTE,
    isEnded: true,
  },
  {
    what: "connecting, which hangs",
    async arrive(stage) {
      stage.transport.plan = [{ kind: "hang" }, { kind: "accept" }];
      stage.start();
      await until(() => stage.transport.headers.length === 1, "it connects");
    },
    hangs: true,
    watchMs: MINUTE,
    isEnded: true,
  },
  {
    what: "connected",
    async arrive(stage) {
      await connect(stage);
    },
    watchMs: 5 * MINUTE,
    isEnded: true,
  },
  {
    what: "connected to a peer that falls silent",
    async arrive(stage) {
      await connect(stage);
    },
    peer: () => {},
    watchMs: 5 * MINUTE,
    isEnded: true,
  },
  {
    what: "connected to a peer that reads nothing",
    async arrive(stage) {
      const connection = await connect(stage);
      connection.stalled = true;
    },
    watchMs: 5 * MINUTE,
    isEnded: true,
  },
  {
    what: "handling a payload",
    options: {
      payloadMessageHandler: {
        processMessage: (_message, ack) =>
          new Promise((resolve) => setTimeout(() => resolve(ack()), 45 * SECOND)),
      },
    },
    async arrive(stage) {
      (await connect(stage)).message("PayloadMessage", payload);
      await turns(1);
    },
    watchMs: 2 * MINUTE,
    isEnded: true,
  },
  {
    what: "with a handler that is about to be reported as stuck",
    options: { payloadMessageHandler: { processMessage: hanging } },
    async arrive(stage) {
      (await connect(stage)).message("PayloadMessage", payload);
      await stage.time.advance(30 * SECOND);
    },
    watchMs: 2 * MINUTE,
    isEnded: true,
  },
  {
    what: "with a stuck handler and a message queued behind it",
    options: { payloadMessageHandler: { processMessage: hanging } },
    async arrive(stage) {
      const connection = await connect(stage);
      connection.message("PayloadMessage", payload);
      await stage.time.advance(50 * SECOND);
      connection.message("PayloadMessage", { ...payload, messageId: "p2" });
      await stage.time.advance(20 * SECOND);
    },
    watchMs: 2 * MINUTE,
    isEnded: true,
  },
  {
    what: "waiting for a hundred seconds after a failure",
    options: { timing: { backoffMinMs: 100 * SECOND } },
    async arrive(stage) {
      stage.transport.plan = [unreachable, { kind: "accept" }];
      stage.start();
      await stage.waited(1);
    },
    watchMs: 3 * MINUTE,
    isEnded: true,
  },
  {
    what: "waiting for an hour, since the instance is deregistered",
    async arrive(stage) {
      stage.transport.plan = [deregistered, { kind: "accept" }];
      stage.start();
      await stage.waited(1);
    },
    watchMs: 62 * MINUTE,
    isEnded: true,
  },
  {
    what: "draining",
    options: { payloadMessageHandler: { processMessage: hanging } },
    async arrive(stage) {
      (await connect(stage)).message("PayloadMessage", payload);
      void stage.session.stop();
      await turns(3);
    },
    watchMs: MINUTE,
    // Handlers keep their original deadlines.
    isEnded: false,
  },
  {
    what: "stopped",
    async arrive(stage) {
      await connect(stage);
      await stage.stop();
    },
    watchMs: MINUTE,
    isEnded: false,
  },
];

/** All delays are multiples of this. */
const STEP_MS = 250;

/** What a session reports at each step after its clock was set, and whether it is ready. */
interface Course {
  /** Events, each with the time since the clock was set, in ms. */
  readonly events: readonly string[];
  /** The reasons for not being ready at each step. */
  readonly reasons: readonly string[];
}

/** An event as text, without its wall-clock times. */
function describe([name, detail]: [string, unknown]): string {
  return JSON.stringify([name, detail], (key, value) => key === "since" ? undefined : value);
}

async function courseOf(situation: Situation, setByMs: number): Promise<Course> {
  const events: string[] = [];
  const reasons: string[] = [];
  const { timing, ...options } = situation.options ?? {};
  // No connection reaches its maximum lifetime meanwhile.
  const times = { connectionLifetimeMs: DAY, ...timing };
  await withSession({ ...options, timing: times }, async (stage) => {
    await situation.arrive(stage);
    await turns(3);
    const isSettled = () => {
      const { status } = stage.session.state;
      if (status !== "discovering" && status !== "connecting") return true;
      const isOver = stage.events.some(([name]) => /connectfailed|suspended/.test(name));
      return situation.hangs === true && !isOver;
    };
    let seen = stage.events.length;
    stage.time.setSystemTime(Date.now() + setByMs);
    for (let ms = 0; ms < situation.watchMs; ms += STEP_MS) {
      await stage.time.advance(STEP_MS);
      // Signing takes real event loop turns; no time must pass during them.
      await until(isSettled, "the session has settled");
      if (ms % (20 * SECOND) === 0) beat(stage, situation);
      events.push(...stage.events.slice(seen).map((event) => `${ms} ${describe(event)}`));
      seen = stage.events.length;
      reasons.push(stage.session.health().reasons.join());
    }
  });
  return { events, reasons };
}

function beat(stage: SessionStage, { peer }: Situation): void {
  const connection = stage.transport.connections.at(-1);
  if (connection?.left !== undefined || connection === undefined) return;
  if (peer === undefined) connection.message("HeartbeatMessage", {});
  else peer(connection);
}

function eventsOf({ events }: Course, name: keyof SessionEventMap): string[] {
  return events.filter((event) => event.includes(` ["${name}"`));
}

const SETS = [SECOND, 29 * SECOND, 31 * SECOND, HOUR, 25 * HOUR, 400 * DAY];

for (const situation of SITUATIONS) {
  test(`Setting the clock while the session is ${situation.what} changes nothing, except for one immediate reconnect when it is set forward by 30 s or more`, async () => {
    const undisturbed = await courseOf(situation, 0);
    for (const ms of SETS) {
      assert.deepEqual(await courseOf(situation, -ms), undisturbed, `set back by ${ms} ms`);
      const forward = await courseOf(situation, ms);
      if (ms < 30 * SECOND || !situation.isEnded) {
        assert.deepEqual(forward, undisturbed, `set forward by ${ms} ms`);
        continue;
      }
      const [suspended = "", ...more] = eventsOf(forward, "suspended");
      assert.match(suspended, new RegExp(`\\{"suspendedMs":${ms}\\}`));
      assert.ok(parseInt(suspended) <= 45 * SECOND, "within 45 s");
      assert.deepEqual(more, []);
      for (const name of ["connected", "disconnected"] as const) {
        const extra = eventsOf(forward, name).length - eventsOf(undisturbed, name).length;
        assert.ok(extra <= 1, `${extra} additional events ${name}`);
      }
      for (const name of ["waiting", "connectfailed", "failing", "dropped", "stuck"] as const) {
        const extra = eventsOf(forward, name).length - eventsOf(undisturbed, name).length;
        assert.ok(extra <= 0, `${extra} additional events ${name}`);
      }
      if (situation.peer !== undefined) continue;
      const unready = ({ reasons }: Course) => reasons.filter((reason) => reason !== "").length;
      assert.ok(unready(forward) <= unready(undisturbed), "readiness did not get worse");
    }
  });
}
