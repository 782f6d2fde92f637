/**
 * The deadlines of a connection and of a wait.
 *
 * @module
 */

import type { Checks } from "../observer.ts";
import type { World } from "../world.ts";
import { type Fail, machineNow, MINUTE, SECOND } from "./invariant.ts";

/** The shortest and the longest silence of the peer after which a connection is ended, in ms. */
const IDLE_MS = [MINUTE, 2 * MINUTE] as const;

/** The shortest and the longest lifetime of a connection, in ms. */
const LIFETIME_MS = [30 * MINUTE, 35 * MINUTE] as const;

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
      const end: unknown = Reflect.get(detail, "end");
      const kind: unknown = typeof end === "object" && end !== null && Reflect.get(end, "kind");
      const [silentMs, livedMs] = [now - heardAt, now - connectedAt];
      if (kind === "idle" && silentMs < IDLE_MS[0]) fail(`it was idle for ${silentMs} ms`);
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
