/**
 * A session without sockets and without waiting: the test plays ECS, ACS and the clock.
 *
 * @module
 */

import type { SessionEventMap } from "../../../session/reporting/events.ts";
import type { SessionOptions } from "../../../session/options.ts";
import { Session } from "../../../session/session.ts";
import { type FakeTime, until, withFakeTime } from "./fake_time.ts";
import { type MemoryConnection, MemoryTransport } from "./memory_transport.ts";

/** The container instance in all tests. */
export const CONTAINER_INSTANCE_ARN =
  "arn:aws:ecs:us-west-2:123456789012:container-instance/default/0123456789abcdef";

/** Its cluster. */
export const CLUSTER_ARN = "arn:aws:ecs:us-west-2:123456789012:cluster/default";

/** Fields that most messages have. */
export const ARNS = { clusterArn: CLUSTER_ARN, containerInstanceArn: CONTAINER_INSTANCE_ARN };

/** The keys in all tests. */
export const CREDENTIALS = {
  accessKeyId: "AKIDEXAMPLE",
  secretAccessKey: "instance-secret-access-key",
  sessionToken: "instance-session-token",
};

/** Plays ECS: counts calls, and answers with an endpoint or as planned. */
export class FakeEcs {
  /** The body of every call so far. */
  readonly calls: string[] = [];
  /** The answers to the next calls; the last entry is repeated. */
  answers: (() => Response | Promise<Response>)[] = [
    () => Response.json({ endpoint: "https://acs.example/" }),
  ];

  /** The session's `fetch` option. */
  readonly fetch: typeof fetch = async (_input, init) => {
    this.calls.push(String(init?.body));
    const answer = this.answers.length > 1 ? this.answers.shift() : this.answers[0];
    return await (answer ?? Response.error)();
  };
}

/** A session and everything around it. */
export interface SessionStage {
  readonly session: Session;
  readonly transport: MemoryTransport;
  readonly ecs: FakeEcs;
  readonly time: FakeTime;
  /** Every event so far, as `[name, detail]`. */
  readonly events: [string, unknown][];
  /** The details of the events of one kind so far. */
  eventsOf<K extends keyof SessionEventMap>(type: K): SessionEventMap[K][];
  /** Starts the session. */
  start(): void;
  /** Waits until this many connections (default 1) have been opened and the newest is served. */
  connected(count?: number): Promise<MemoryConnection>;
  /** Waits until the session has waited this many times; returns the last delay, in ms. */
  waited(count: number): Promise<number>;
  /** Stops the session as a user does; returns the error with which `start` rejected, if it did. */
  stop(reason?: unknown): Promise<unknown>;
}

const EVENT_TYPES = [
  "statechange",
  "discovering",
  "discovered",
  "connecting",
  "connected",
  "connectfailed",
  "received",
  "answerslost",
  "sent",
  "dropped",
  "disconnected",
  "waiting",
  "suspended",
  "inactive",
  "failing",
  "stuck",
  "backlogged",
  "overflowed",
  "stopped",
] as const;

/**
 * Runs a test with a session under fake time; stops the session at the end.
 *
 * @param options Options that differ from the defaults. `random` is 0, so no jitter, unless given.
 * @param fn The test.
 * @param now When fake time starts, see {@linkcode withFakeTime}.
 */
export async function withSession(
  options: Partial<SessionOptions>,
  fn: (stage: SessionStage) => Promise<void>,
  now?: number,
): Promise<void> {
  await withFakeTime(async (time) => {
    const transport = new MemoryTransport();
    const ecs = new FakeEcs();
    const session = new Session({
      region: "us-west-2",
      containerInstanceArn: CONTAINER_INSTANCE_ARN,
      credentials: CREDENTIALS,
      agentVersion: "1.0.0",
      agentHash: "deadbeef",
      dockerVersion: "25.0.6",
      transport,
      fetch: ecs.fetch,
      random: () => 0,
      ...options,
    });
    const events: [string, unknown][] = [];
    const byType: { [K in keyof SessionEventMap]?: SessionEventMap[K][] } = {};
    const record = <K extends keyof SessionEventMap>(type: K) => {
      const details: SessionEventMap[K][] = [];
      const lists: { [T in K]?: SessionEventMap[T][] } = byType;
      lists[type] = details;
      session.addEventListener(type, ({ detail }) => {
        details.push(detail);
        events.push([type, detail]);
      });
    };
    for (const type of EVENT_TYPES) record(type);
    const controller = new AbortController();
    let running: Promise<unknown> | undefined;
    const stage: SessionStage = {
      session,
      transport,
      ecs,
      time,
      events,
      eventsOf: (type) => byType[type] ?? [],
      start() {
        running = session.start({ signal: controller.signal }).catch((error) => error);
      },
      async connected(count = 1) {
        await until(
          () => transport.connections.length >= count && transport.connection.isServed,
          `connection ${count} is served`,
        );
        return transport.connection;
      },
      async waited(count) {
        await until(() => stage.eventsOf("waiting").length >= count, `wait ${count}`);
        return stage.eventsOf("waiting")[count - 1]?.delayMs ?? NaN;
      },
      async stop(reason = new Error("the test is over")) {
        controller.abort(reason);
        await time.advance(60_000);
        return await running;
      },
    };
    try {
      await fn(stage);
    } finally {
      await stage.stop();
    }
  }, now);
}
