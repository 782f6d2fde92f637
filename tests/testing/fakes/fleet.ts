/**
 * Many sessions of one service, real except for their sockets and the time, to see what they do
 * together when the service goes away.
 *
 * @module
 */

import { Session } from "../../../session/session.ts";
import { ConnectError } from "../../../errors.ts";
import type { TransportEnd } from "../../../wsclient/transport.ts";
import { type FakeTime, turns, until } from "./fake_time.ts";
import { MemoryTransport } from "./memory_transport.ts";
import { seededRandom } from "../fuzz/seeded_random.ts";
import { CONTAINER_INSTANCE_ARN, CREDENTIALS, FakeEcs } from "./session_stage.ts";

/** Real time that a thousand sessions may take to sign, even on a busy machine, in ms. */
const PATIENCE_MS = 60_000;

/** Delays that end within this many milliseconds end in one step; times have this precision. */
const STEP_MS = 10;

/** How a service is lost. */
export interface Loss {
  /** The number of sessions that lose the service. */
  readonly sessions: number;
  /** How their connections end, all at the same moment. */
  readonly end: TransportEnd;
  /** How long connection attempts are refused after that, in ms. */
  readonly outageMs: number;
  /** The sessions' random source. */
  readonly seed: number;
}

/** The connection attempts that the service sees from a fleet that has lost it. */
export interface Comebacks {
  /** When each session had reconnected, in ms after the loss. */
  readonly backAfterMs: readonly number[];
  /** The time of each connection attempt, refused or not, in ms after the loss. */
  readonly triedAfterMs: readonly number[];
}

/**
 * Connects a fleet, stops its service, restores it, and advances the time until all have
 * reconnected.
 *
 * @param time Fake time.
 * @param loss How the sessions lose the service.
 */
export async function comebacks(time: FakeTime, loss: Loss): Promise<Comebacks> {
  const transport = new MemoryTransport();
  const ecs = new FakeEcs();
  const random = seededRandom(loss.seed);
  const waitsUntil = new Map<Session, number>();
  const connected = new Set<Session>();
  const backAfterMs = new Map<Session, number>();
  const triedAfterMs: number[] = [];
  let lostAt = Infinity;
  const sessions = Array.from({ length: loss.sessions }, () => {
    const session = new Session({
      region: "us-west-2",
      containerInstanceArn: CONTAINER_INSTANCE_ARN,
      credentials: CREDENTIALS,
      agentVersion: "1.0.0",
      transport,
      fetch: ecs.fetch,
      random,
    });
    session.addEventListener("statechange", ({ detail: { state } }) => {
      waitsUntil.delete(session);
      connected.delete(session);
      if (state.status === "waiting") waitsUntil.set(session, state.since + state.delayMs);
      if (state.status === "connected") connected.add(session);
      if (lostAt === Infinity) return;
      if (state.status === "connecting") triedAfterMs.push(Date.now() - lostAt);
      if (state.status !== "connected" || backAfterMs.has(session)) return;
      backAfterMs.set(session, Date.now() - lostAt);
    });
    return session;
  });
  const settled = () => waitsUntil.size + connected.size === sessions.length;

  const running = sessions.map((session) => session.start());
  await until(
    () => transport.connections.filter((each) => each.isServed).length === sessions.length,
    "all are connected",
    PATIENCE_MS,
  );
  for (const connection of transport.connections) connection.message("HeartbeatMessage", {});
  await time.advance(10_000);

  lostAt = Date.now();
  const backAt = lostAt + loss.outageMs;
  const refused = new ConnectError("refused", { systemCode: "ECONNREFUSED" });
  if (loss.outageMs > 0) transport.plan = [{ kind: "fail", error: refused }];
  for (const connection of transport.connections.slice()) connection.end(loss.end);
  await turns(1);
  for (;;) {
    await until(settled, "every session waits or is connected", PATIENCE_MS);
    if (backAfterMs.size === sessions.length) break;
    const stepEnd = Math.min(...waitsUntil.values()) + STEP_MS;
    const isOut = Date.now() < backAt;
    await time.advance((isOut ? Math.min(stepEnd, backAt) : stepEnd) - Date.now());
    if (Date.now() >= backAt) transport.plan = [{ kind: "accept" }];
  }
  await Promise.all(sessions.map((session) => session.stop()));
  await Promise.all(running);
  return { backAfterMs: [...backAfterMs.values()], triedAfterMs };
}
