/**
 * How a session stops.
 *
 * @module
 */

import type { Checks } from "../observer.ts";
import type { World } from "../world.ts";
import { type Fail, machineNow, SECOND } from "./invariant.ts";

/** How long handlers may take to finish, in ms. */
const DRAIN_MS = 5 * SECOND;

/** What begins a handler; the others may belong to a message whose handling has begun earlier. */
const BEGINNINGS = new Set(["PayloadMessage", "TaskManifestMessage", "StageUpdateMessage"]);

/** How long a stop may take, in ms: the handlers, the close frame, and a little more. */
const STOP_MS = DRAIN_MS + 5 * SECOND;

/**
 * Checks that a stopping session begins no handler, lets those finish that are running, and does
 * not wait for more.
 */
export function stopsGracefully(world: World, fail: Fail): Checks {
  const { time } = world;
  let stoppedAt: number | undefined;
  let hasStopped = false;
  let wasLate = false;
  const running = new Map<string, number>();
  const count = (lane: string, change: 1 | -1) =>
    void running.set(lane, change + (running.get(lane) ?? 0));
  return {
    started() {
      stoppedAt = undefined;
      hasStopped = false;
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
      hasStopped = true;
      const waitedMs = time.monotonicNow() - stoppedAt;
      const [lane] = [...running].find(([, handlers]) => handlers > 0) ?? [];
      if (lane === undefined || waitedMs >= DRAIN_MS) return;
      fail(`a handler of the lane ${lane} was running, and it waited for ${waitedMs} ms`);
    },
    look() {
      if (stoppedAt === undefined || hasStopped || world.agent.session === undefined) return;
      const sinceMs = machineNow(world) - stoppedAt;
      // A thread that was blocked gets the time until the next look.
      if (sinceMs > STOP_MS && wasLate) fail(`it has been stopping for ${sinceMs} ms`);
      wasLate = sinceMs > STOP_MS;
    },
  };
}
