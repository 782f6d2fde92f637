/**
 * When a session connects again, and where.
 *
 * @module
 */

import type { Checks } from "../observer.ts";
import type { World } from "../world.ts";
import { endOf, type Fail, isConstant, machineNow, MINUTE, SECOND } from "./invariant.ts";

/** Checks that a suspension is noticed soon after the machine has resumed. */
export function noticesSuspensions(world: World, fail: Fail): Checks {
  const { time, agent } = world;
  let noticedAt = -Infinity;
  let startedAt = 0;
  return {
    started: () => startedAt = time.elapsedMs,
    reported(type) {
      if (type === "suspended") noticedAt = time.elapsedMs;
    },
    look() {
      const { fromMs, untilMs } = time.lastSuspension ?? { fromMs: Infinity, untilMs: 0 };
      const isLong = untilMs - fromMs > MINUTE;
      const sinceMs = time.elapsedMs - untilMs;
      if (!isLong || sinceMs < 50 * SECOND || sinceMs > 2 * MINUTE) return;
      if (startedAt > fromMs || noticedAt >= untilMs || agent.session === undefined) return;
      // A clock that was set back shortly before hides it: the clocks were not compared in between.
      if (world.clockSetAtMs < fromMs - 50 * SECOND) fail(`${sinceMs} ms after it`);
    },
  };
}

/** Checks that the session connects again as soon as it has noticed a suspension. */
export function reconnectsAfterSuspensions(world: World, fail: Fail): Checks {
  let noticedAt = Infinity;
  let areKeysMissing = false;
  const forget = () => void (noticedAt = Infinity);
  return {
    started() {
      areKeysMissing = false;
      forget();
    },
    stopping: forget,
    keysCalled() {
      areKeysMissing = true;
      forget();
    },
    keysArrived: () => void (areKeysMissing = false),
    asking: forget,
    connecting: forget,
    reported(type) {
      // It may wait for a call that is still in progress.
      if (type === "suspended" && !areKeysMissing) noticedAt = world.time.monotonicNow();
    },
    look() {
      const sinceMs = machineNow(world) - noticedAt;
      if (sinceMs > 5 * SECOND && world.agent.session !== undefined) fail(`${sinceMs} ms later`);
    },
  };
}

/** Checks that all credentials are requested over the first connection of a process only. */
export function asksForCredentialsOnce(_world: World, fail: Fail): Checks {
  let hasConnected = false;
  return {
    started: () => void (hasConnected = false),
    connecting(_host, asksForCredentials) {
      if (asksForCredentials === hasConnected) fail(hasConnected ? "again" : "not at first");
    },
    reported(type) {
      if (type === "connected") hasConnected = true;
    },
  };
}

/** The delays of the table: each one, and the same with the most jitter, in ms. */
const DELAYS: readonly (readonly [least: number, most: number])[] = Array.from(
  { length: 17 },
  (_, failures) => {
    const ms = Math.min(2 * MINUTE, 250 * 1.5 ** failures);
    return [Math.ceil(ms), Math.ceil(1.2 * ms)];
  },
);

/** Checks that the session waits exactly as long as its table of delays allows. */
export function waitsByItsTable(_world: World, fail: Fail): Checks {
  /** The possible next rows of the table. */
  let rows: ReadonlySet<number> = new Set([0]);
  let mayWait = false;
  let isInactive = false;
  const last = DELAYS.length - 1;
  const begins = () => void (mayWait = true);
  return {
    started() {
      rows = new Set([0]);
      isInactive = false;
    },
    asking: begins,
    connecting: begins,
    reported(type, detail) {
      if (type === "connectfailed") begins();
      if (type === "disconnected") {
        const isUseful = Number(Reflect.get(detail, "livedMs")) >= 5 * SECOND;
        mayWait = !isUseful || !wasOrderly(detail);
        isInactive = String(Reflect.get(detail, "reason")).includes("InactiveInstanceException");
      }
      if (type === "suspended") {
        rows = new Set([0]);
        isInactive = false;
      }
      // A clean end, a full lane, or a connection that has lasted for a minute or two may reset it.
      if (type === "disconnected") rows = new Set([0, ...rows]);
      if (type !== "waiting") return;
      const delayMs = Number(Reflect.get(detail, "delayMs"));
      if (!mayWait) fail(`it waits for ${delayMs} ms after a clean end`);
      const isForInactivity = Reflect.get(detail, "reason") === "inactive";
      if (isInactive && !isForInactivity) fail(`it waits for ${delayMs} ms: it is inactive`);
      isInactive = false;
      if (isForInactivity) {
        if (delayMs !== 3_600_000) fail(`it waits for ${delayMs} ms although it is inactive`);
        return;
      }
      const waited = [...rows].filter((row) => {
        const [least, most] = DELAYS[row] ?? [Infinity, 0];
        return least <= delayMs && delayMs <= most;
      });
      if (waited.length === 0) fail(`it waits for ${delayMs} ms; rows ${[...rows].join(", ")}`);
      rows = new Set(waited.map((row) => Math.min(row + 1, last)));
    },
  };
}

/** The close codes after which the service expects the agent to connect again. */
const ORDERLY_CODES: ReadonlySet<unknown> = new Set([1000, 1001, 1011]);

/** Whether a connection has ended as connections do. */
function wasOrderly(disconnected: object): boolean {
  const kind = endOf(disconnected);
  if (kind !== "close") return kind === "eof" || kind === "expired";
  const end: unknown = Reflect.get(disconnected, "end");
  return typeof end === "object" && end !== null && ORDERLY_CODES.has(Reflect.get(end, "code"));
}

/** Checks that the delays have jitter, which spreads many instances. */
export function delaysAreSpread(_world: World, fail: Fail): Checks {
  const jitters: number[] = [];
  return {
    reported(type, detail) {
      const delayMs = Number(Reflect.get(detail, "delayMs"));
      if (type !== "waiting" || Reflect.get(detail, "reason") === "inactive") return;
      const [least] = DELAYS.findLast(([ms]) => ms <= delayMs) ?? [Infinity];
      // Whole ms are a large part of the jitter of short delays.
      if (least < SECOND || jitters.push(delayMs / least) > MOST_JITTERS) return;
      if (isConstant(jitters, 0.005)) fail(`most delays are ${delayMs / least} of the table's`);
    },
  };
}

/** So many delays show whether there is jitter. */
const MOST_JITTERS = 200;

/** Checks that the session never connects in a storm. */
export function neverStorms(world: World, fail: Fail): Checks {
  const { outbox } = world.service.emulator.hub;
  let times: number[] = [];
  let unanswered = 0;
  return {
    connecting() {
      const now = world.time.elapsedMs;
      // One connection after the other answers a part of what has accumulated over days.
      const hasProgressed = outbox.size < unanswered;
      unanswered = outbox.size;
      times = times.filter((at) => now - at < MINUTE);
      if (!hasProgressed) times.push(now);
      if (times.length > 40) fail(`${times.length} connects within a minute`);
    },
  };
}

/** Checks that the session connects to the endpoint that ECS has returned last. */
export function usesTheNewestEndpoint(_world: World, fail: Fail): Checks {
  let newest: string | undefined;
  const forget = () => void (newest = undefined);
  return {
    started: forget,
    answered(body) {
      newest = /"endpoint":"https:\/\/([^/]+)/.exec(body)?.[1] ?? newest;
    },
    reported(type) {
      // The answer may have arrived too late.
      if (type === "suspended") forget();
    },
    connecting(host) {
      if (newest !== undefined && host !== newest) fail(`${host} instead of ${newest}`);
    },
  };
}

/** Checks that an expired endpoint is used if ECS does not return another one. */
export function usesExpiredEndpoints(_world: World, fail: Fail): Checks {
  let isKnown = false;
  return {
    started: () => void (isKnown = false),
    connecting: () => void (isKnown = true),
    reported(type, detail) {
      if (type !== "connectfailed" || Reflect.get(detail, "stage") !== "discover") return;
      if (isKnown) fail(String(Reflect.get(detail, "error")));
    },
  };
}

/** How long an endpoint is used, in ms. */
const ENDPOINT_MS = 12 * 60 * MINUTE;

/** A call of the credentials function, and a little more, may lie between two moments, in ms. */
const KEYS_MS = 5 * MINUTE;

/** Checks that an endpoint is used for twelve hours, and that ECS is called only if it has to be. */
export function asksInTime({ time }: World, fail: Fail): Checks {
  let answeredAt: number | undefined;
  let hasAsked = false;
  let attempts = 0;
  let answers = 0;
  const forget = () => void (attempts = answers = 0);
  return {
    started() {
      answeredAt = undefined;
      forget();
    },
    asking: () => void (hasAsked = true),
    answered(body) {
      if (!body.includes('"endpoint"')) return;
      answeredAt = time.monotonicNow();
      answers += 1;
      // One because of its age, and one after three attempts in vain.
      if (answers > 3 + attempts / 3) fail(`${answers} times in ${attempts} attempts`);
    },
    connecting() {
      const ageMs = time.monotonicNow() - (answeredAt ?? Infinity);
      if (!hasAsked && ageMs > ENDPOINT_MS + KEYS_MS) fail(`the endpoint is ${ageMs} ms old`);
      hasAsked = false;
      attempts += 1;
    },
    reported(type, detail) {
      if (type === "suspended") forget();
      if (type === "disconnected" && Number(Reflect.get(detail, "livedMs")) > 5_000) forget();
    },
  };
}

/** Checks that the endpoint is rediscovered when it may have gone bad. */
export function rediscovers(_world: World, fail: Fail): Checks {
  let failures = 0;
  return {
    started: () => failures = 0,
    asking: () => failures = 0,
    reported(type, detail) {
      if (type === "connected" || type === "suspended") failures = 0;
      // It has tried, without success.
      if (type === "discovered" && Reflect.get(detail, "source") === "expired") failures = 0;
      if (type !== "connectfailed" || Reflect.get(detail, "stage") !== "connect") return;
      const error: unknown = Reflect.get(detail, "error");
      if (error instanceof Error && error.name === "CredentialsError") return;
      failures += 1;
      if (failures > 3) fail(`${failures} failures in a row at the same endpoint`);
    },
  };
}
