/**
 * The tasks of the instances.
 *
 * @module
 */

import type { Checks } from "../observer.ts";
import type { World } from "../world.ts";
import {
  every,
  type Fail,
  isSettled,
  MINUTE,
  NEXT_CONNECTION_MS,
  RECOVERY_MS,
} from "./invariant.ts";

/** Checks that the agent's tasks agree with the service's in the end. */
export function tasksAgree(world: World, fail: Fail): Checks {
  const everyTenMinutes = every(world, 10 * MINUTE);
  return {
    look() {
      if (!everyTenMinutes() || !isSettled(world)) return;
      if (world.calmForMs < RECOVERY_MS + NEXT_CONNECTION_MS) return;
      const wanted = new Set(world.runningTasks());
      for (const [arn, status] of world.agent.disk.tasks) {
        const atMs = /orphan(\d+)/.exec(arn)?.[1];
        const isNew = atMs !== undefined &&
          world.time.elapsedMs - Number(atMs) < RECOVERY_MS + NEXT_CONNECTION_MS;
        if (status === "RUNNING" && !wanted.delete(arn) && !isNew) fail(`${arn} is running`);
      }
      for (const arn of wanted) fail(`${arn} is not running`);
    },
  };
}

/** Checks that the other instances get their own messages only, and run the tasks that they should. */
export function neighboursAreSeparate(world: World, fail: Fail): Checks {
  const everyTenMinutes = every(world, 10 * MINUTE);
  return {
    look() {
      for (const { arn, strangeTasks: [strange] } of world.neighbours) {
        if (strange !== undefined) fail(`${arn} received something about ${strange}`);
      }
      if (!everyTenMinutes() || !isSettled(world)) return;
      for (const neighbour of world.neighbours) {
        const { arn, agent: { disk } } = neighbour;
        const wanted = neighbour.runningTasks().sort();
        const running = [...disk.tasks].filter(([, status]) => status === "RUNNING")
          .map(([taskArn]) => taskArn).sort();
        if (wanted.join() === running.join()) continue;
        fail(`${arn} runs ${running.length} tasks and should run ${wanted.length}`);
      }
    },
  };
}

/** Checks that a manifest is compared only if nothing newer was handled. */
export function comparesNewManifestsOnly(world: World, fail: Fail): Checks {
  let running = 0;
  let latest = 0;
  return {
    started: () => void (latest = world.agent.disk.sequenceNumber),
    handlerBegan(lane, type, _messageId, number = 0) {
      if (lane !== "payload") return;
      running = number;
      if (type !== "TaskManifestMessage" || number > latest) return;
      fail(`the manifest ${number} was compared after the message ${latest}`);
    },
    handled: () => void (latest = Math.max(latest, running)),
    handlerEnded(lane) {
      if (lane === "payload") running = 0;
    },
  };
}
