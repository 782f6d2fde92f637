/**
 * How a session stops.
 *
 * @module
 */

import type { Checks } from "../observer.ts";
import type { World } from "../world.ts";
import { type Fail, SECOND } from "./invariant.ts";

/** How long handlers may take to finish, in ms. */
const DRAIN_MS = 5 * SECOND;

/** What begins a handler; the others may belong to a message whose handling has begun earlier. */
const BEGINNINGS = new Set(["PayloadMessage", "TaskManifestMessage", "StageUpdateMessage"]);

/** Checks that a stopping session begins no handler, and lets those finish that are running. */
export function stopsGracefully({ time }: World, fail: Fail): Checks {
  let stoppedAt: number | undefined;
  const running = new Map<string, number>();
  const count = (lane: string, change: 1 | -1) =>
    void running.set(lane, change + (running.get(lane) ?? 0));
  return {
    started() {
      stoppedAt = undefined;
      running.clear();
    },
    stopping: () => void (stoppedAt ??= time.monotonicNow()),
    handlerBegan(lane, type) {
      count(lane, 1);
      if (stoppedAt !== undefined && BEGINNINGS.has(type)) fail(`the handler of a ${type} began`);
    },
    handlerEnded: (lane) => count(lane, -1),
    reported(type) {
      if (type !== "stopped" || stoppedAt === undefined) return;
      const waitedMs = time.monotonicNow() - stoppedAt;
      const [lane] = [...running].find(([, handlers]) => handlers > 0) ?? [];
      if (lane === undefined || waitedMs >= DRAIN_MS) return;
      fail(`a handler of the lane ${lane} was running, and it waited for ${waitedMs} ms`);
    },
  };
}
