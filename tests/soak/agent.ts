/**
 * The process under test: many sessions, on Deno or on Node, against a service in another process.
 * Arguments: the URL of the ECS API, the URL of the keys, the number of sessions, the seed.
 *
 * @module
 */

import { getEventListeners } from "node:events";
import process from "node:process";
import { Session } from "../../mod.ts";
import { delay } from "../../internal/delay.ts";
import { seededRandom } from "../testing/fuzz/seeded_random.ts";
import { moodyHandlers, pause } from "./agent_handlers.ts";
import { SOAK_TIMING } from "./agent_timing.ts";
import { keysFrom, transports } from "./agent_world.ts";
import { Collected, measure } from "./figures.ts";
import { instanceArn } from "./instances.ts";
import { type AgentCounts, type Figures, onCommand, report } from "./report.ts";

/** How long a session runs before another replaces it, in ms; up to twice that. */
const SESSION_LIFE_MS = 10_000;

/** Time between two progress reports, in ms. */
const PROGRESS_MS = 10_000;

/**
 * How long after the last session has stopped timers are counted, in ms: longer than the close
 * grace period of a socket, and shorter than the lifetime of a connection, so that no connection
 * timer has expired by then.
 */
const TIMERS_AFTER_MS = 1_000;

/**
 * How long resources may take to close automatically, in ms: mostly a keep-alive of the runtime's
 * `fetch`.
 */
const SETTLE_MS = 10_000;

const [url = "", keysUrl = "", sessionCount = "", seed = ""] = process.argv.slice(2);
const random = seededRandom(Number(seed));
const sessions = new Collected();
const connections = new Collected();
const openTransports = transports(connections);
/**
 * All sessions are started with this one: a session that has stopped must not listen to it any
 * more.
 */
const shared = new AbortController();
const counts: AgentCounts = {
  sessions: 0,
  connects: 0,
  failedAttempts: 0,
  received: 0,
  handled: 0,
  handlerFailures: 0,
  sent: 0,
  dropped: 0,
  stuck: 0,
  inactive: 0,
  unhandled: 0,
};

for (const name of ["unhandledRejection", "uncaughtException"]) {
  process.on(name, (error: unknown) => {
    counts.unhandled += 1;
    process.stderr.write(`${name}: ${error instanceof Error ? error.stack : error}\n`);
  });
}

onCommand((command) => void obey(command));
const before = await figures();
report({ kind: "before", figures: before });
let crew = startCrew();
let progress = startProgress();

async function obey(command: string): Promise<void> {
  switch (command) {
    case "warmed":
      clearInterval(progress);
      await crew.stop();
      report({ kind: "warm", figures: await settledFigures() });
      crew = startCrew();
      progress = startProgress();
      return;
    case "stop":
      clearInterval(progress);
      await crew.stop();
      report({ kind: "stopped", counts, figures: await settledFigures() });
      return;
    case "alone":
      report({ kind: "alone", figures: await settledFigures() });
      process.exit(0);
  }
}

function startProgress(): ReturnType<typeof setInterval> {
  const reportProgress = async () => report({ kind: "progress", counts, figures: await figures() });
  return setInterval(() => void reportProgress(), PROGRESS_MS);
}

function figures(): Promise<Figures> {
  return measure(() => ({
    signalListeners: getEventListeners(shared.signal, "abort").length,
    sessions,
    connections,
  }));
}

/** Counts the timers soon, and measures the rest once everything has been closed automatically. */
async function settledFigures(): Promise<Figures> {
  await pause(TIMERS_AFTER_MS);
  const { timers } = await figures();
  const giveUpAt = performance.now() + SETTLE_MS;
  for (;;) {
    const now = await figures();
    const isQuiet = now.sessions === 0 && now.connections === 0 &&
      (now.sockets ?? 0) <= (before.sockets ?? 0);
    if (isQuiet || performance.now() > giveUpAt) return { ...now, timers };
    await pause(100);
  }
}

/** Sessions that come and go, one per container instance. */
function startCrew(): { stop(): Promise<void> } {
  const dismissed = new AbortController();
  const places = Array.from(
    { length: Number(sessionCount) },
    (_, index) => fillPlace(index, dismissed.signal),
  );
  return {
    async stop() {
      dismissed.abort();
      await Promise.all(places);
    },
  };
}

/** Runs one session after another for a container instance, until the signal aborts. */
async function fillPlace(index: number, dismissed: AbortSignal): Promise<void> {
  while (!dismissed.aborted) {
    const session = makeSession(index);
    const running = session.start({ signal: shared.signal });
    await delay(SESSION_LIFE_MS * (1 + random()), dismissed).catch(() => {
      // A redundant stop: the abort that follows ends it.
    });
    await session.stop();
    await running;
  }
}

function makeSession(index: number): Session {
  const session = new Session({
    region: "us-west-2",
    cluster: "default",
    containerInstanceArn: instanceArn(index),
    credentials: keysFrom(keysUrl, random),
    agentVersion: "1.0.0",
    dockerVersion: "25.0.6",
    endpoint: url,
    transport: openTransports(index),
    timing: SOAK_TIMING,
    random,
    ...moodyHandlers(counts, random),
  });
  sessions.watch(session);
  counts.sessions += 1;
  session.addEventListener("connected", () => void (counts.connects += 1));
  session.addEventListener("connectfailed", () => void (counts.failedAttempts += 1));
  session.addEventListener("received", () => void (counts.received += 1));
  session.addEventListener("sent", () => void (counts.sent += 1));
  session.addEventListener("dropped", () => void (counts.dropped += 1));
  session.addEventListener("stuck", () => void (counts.stuck += 1));
  session.addEventListener("inactive", () => void (counts.inactive += 1));
  return session;
}
