/**
 * What is acknowledged, and when.
 *
 * @module
 */

import { isResent } from "../../../protocol/answers.ts";
import type { Checks } from "../observer.ts";
import type { World } from "../world.ts";
import { every, type Fail, MINUTE, NEXT_CONNECTION_MS, Recent, RECOVERY_MS } from "./invariant.ts";

/** Checks that nothing is acknowledged before it was handled. */
export function acknowledgesAfterHandling(_world: World, fail: Fail): Checks {
  const types = new Recent<string>();
  const handled = new Recent<true>();
  const needsHandler = new Set([
    "PayloadMessage",
    "TaskManifestMessage",
    "StageUpdateMessage",
    "PerformUpdateMessage",
  ]);
  return {
    arrived: ({ type, messageId }) => types.set(messageId, type),
    handled: (messageId) => handled.set(messageId, true),
    sent({ type, messageId }) {
      if (type !== "AckRequest") return;
      const acknowledged = types.get(messageId);
      if (acknowledged === undefined) return fail(`${messageId} has never arrived`);
      if (!needsHandler.has(acknowledged) || handled.get(messageId)) return;
      fail(`the ${acknowledged} ${messageId} was acknowledged and not handled`);
    },
  };
}

/** Checks that every message that requires an acknowledgement is acknowledged soon after the last fault. */
export function acknowledgesEverything(world: World, fail: Fail): Checks {
  const seenAt = new Map<number, number>();
  const excusedAt = new Recent<number>();
  const everyMinute = every(world, MINUTE);
  return {
    reported(type, detail) {
      const messageId: unknown = Reflect.get(detail, "messageId");
      if (type !== "dropped" || typeof messageId !== "string") return;
      // A full lane requests them again itself.
      if (Reflect.get(detail, "reason") === "overflow") return;
      excusedAt.set(messageId, world.time.elapsedMs);
    },
    look() {
      if (!everyMinute()) return;
      const now = world.time.elapsedMs;
      const pending = world.service.emulator.hub.outbox.pending;
      const numbers = new Set(pending.map(({ number }) => number));
      for (const number of seenAt.keys()) if (!numbers.has(number)) seenAt.delete(number);
      for (const { number, type, messageId } of pending) {
        if (!isResent(type)) continue;
        const since = seenAt.get(number) ?? now;
        seenAt.set(number, since);
        const healedAt = now - world.calmForMs;
        const excused = (excusedAt.get(messageId) ?? -Infinity) + NEXT_CONNECTION_MS;
        if (now > Math.max(since, healedAt, excused) + RECOVERY_MS) {
          fail(`the ${type} ${messageId} has waited for ${(now - since) / 1000} s`);
        }
      }
    },
  };
}

/** Checks that the service has no reason to complain. */
export function serviceHasNoComplaints(_world: World, fail: Fail): Checks {
  return {
    complained(problem) {
      // Under faults some heartbeats and answers do not arrive.
      if (!problem.includes("was not answered")) fail(problem);
    },
  };
}
