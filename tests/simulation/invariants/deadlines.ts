/**
 * The deadlines of a connection, of an attempt and of a wait.
 *
 * @module
 */

import type { Checks } from "../observer.ts";
import type { World } from "../world.ts";
import { endOf, type Fail, isConstant, machineNow, MINUTE, SECOND } from "./invariant.ts";

/** The shortest and the longest silence of the peer after which a connection is ended, in ms. */
const IDLE_MS = [MINUTE, 2 * MINUTE] as const;

/** The shortest and the longest lifetime of a connection, in ms. */
const LIFETIME_MS = [30 * MINUTE, 35 * MINUTE] as const;

/** How long an attempt to connect may take once there are keys, in ms. */
const CONNECT_MS = 30 * SECOND;

/** How long a call of ECS may take once there are keys, in ms. */
const DISCOVER_MS = 126 * SECOND;

/** How long the peer may accept no data before a connection is ended, in ms. */
const STALLED_MS = 4 * MINUTE;

/** How late a deadline may be, in ms: its timer, and a second for frames that are still unread. */
const LATE_MS = 5 * SECOND;

/** Checks that deadlines expire neither early nor late, by the machine's monotonic clock. */
export function deadlinesKeepTime(world: World, fail: Fail): Checks {
  let connectedAt: number | undefined;
  let heardAt = 0;
  let waitsUntil: number | undefined;
  let wasLate = false;
  const attempt = () => {
    const earlyMs = (waitsUntil ?? -Infinity) - world.time.monotonicNow();
    if (earlyMs > 1) fail(`a wait was over ${earlyMs} ms early`);
    waitsUntil = undefined;
  };
  return {
    started: () => void (connectedAt = waitsUntil = undefined),
    heard: () => void (heardAt = world.time.monotonicNow()),
    connecting: attempt,
    asking: attempt,
    reported(type, detail) {
      const now = world.time.monotonicNow();
      if (type === "waiting") waitsUntil = now + Number(Reflect.get(detail, "delayMs"));
      if (type === "suspended") waitsUntil = undefined;
      if (type === "connected") connectedAt = heardAt = now;
      if (type !== "disconnected" || connectedAt === undefined) return;
      const kind = endOf(detail);
      const [silentMs, livedMs] = [now - heardAt, now - connectedAt];
      if (kind === "idle" && silentMs < IDLE_MS[0]) fail(`it was idle for ${silentMs} ms`);
      // After a blocked thread, frames that have arrived meanwhile are read first.
      const unread = world.network.newest?.down.overdue ?? 0;
      if (kind === "idle" && unread > 0) fail(`it was idle although ${unread} frames are unread`);
      if (kind === "expired" && livedMs < LIFETIME_MS[0]) fail(`it expired after ${livedMs} ms`);
      connectedAt = undefined;
    },
    look() {
      if (connectedAt === undefined || world.agent.session === undefined) return;
      const now = machineNow(world);
      const lateMs = Math.max(now - heardAt - IDLE_MS[1], now - connectedAt - LIFETIME_MS[1]);
      const isLate = lateMs > LATE_MS;
      // A thread that was blocked gets the time until the next look.
      if (isLate && wasLate) fail(`a deadline is ${lateMs} ms late`);
      wasLate = isLate;
    },
  };
}

/** Checks that no attempt, and no connection over which nothing can be sent, lasts too long. */
export function givesUpInTime(world: World, fail: Fail): Checks {
  /** What is in progress, and until when, by the machine's monotonic clock. */
  let current: { readonly what: string; readonly untilMs: number } | undefined;
  let stalledSince: number | undefined;
  let wasLate = false;
  const begin = (what: string, ms: number) =>
    void (current = { what, untilMs: world.time.monotonicNow() + ms + LATE_MS });
  const over = () => void (current = undefined);
  return {
    started: over,
    stopping: over,
    connecting: () => begin("an attempt to connect", CONNECT_MS),
    asking: () => begin("a call of ECS", DISCOVER_MS),
    reported(type) {
      if (type !== "received" && type !== "dropped") over();
    },
    look() {
      if (world.agent.session === undefined) return;
      const now = machineNow(world);
      const isStalled = world.network.links.some(({ isClientOver, client }) =>
        !isClientOver && client.bufferedAmount > 0
      );
      stalledSince = isStalled ? stalledSince ?? now : undefined;
      const stalledMs = now - (stalledSince ?? Infinity);
      const isLate = now > (current?.untilMs ?? Infinity) || stalledMs > STALLED_MS + LATE_MS;
      // A thread that was blocked gets the time until the next look.
      if (isLate && wasLate) fail(current?.what ?? `nothing was accepted for ${stalledMs} ms`);
      wasLate = isLate;
    },
  };
}

/** Checks that the jitter of deadlines is drawn again each time: it spreads many instances. */
export function deadlinesAreSpread(world: World, fail: Fail): Checks {
  let heardAt = 0;
  const values = new Map<unknown, number[]>([["idle", []], ["expired", []]]);
  return {
    heard: () => void (heardAt = world.time.monotonicNow()),
    reported(type, detail) {
      if (type === "connected") heardAt = world.time.monotonicNow();
      if (type !== "disconnected") return;
      const kind = endOf(detail);
      const known = values.get(kind);
      if (known === undefined) return;
      const lived = Number(Reflect.get(detail, "livedMs"));
      known.push(kind === "expired" ? lived : world.time.monotonicNow() - heardAt);
      if (!isConstant(known, SECOND)) return;
      fail(`most connections that ended as ${kind} did so after ${known.at(-1)} ms`);
    },
  };
}
