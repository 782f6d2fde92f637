/**
 * When a session connects again, and where.
 *
 * @module
 */

import type { Checks } from "../observer.ts";
import type { World } from "../world.ts";
import { type Fail, MINUTE, SECOND } from "./invariant.ts";

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

/** Checks that the session waits exactly as long as its table of delays allows. */
export function waitsByItsTable(_world: World, fail: Fail): Checks {
  return {
    reported(type, detail) {
      if (type !== "waiting") return;
      const delayMs = Number(Reflect.get(detail, "delayMs"));
      const isInactive = Reflect.get(detail, "reason") === "inactive";
      const [least, most] = isInactive ? [3_600_000, 3_600_000] : [250, 144_000];
      if (delayMs < least || delayMs > most) fail(`it waits for ${delayMs} ms`);
    },
  };
}

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
