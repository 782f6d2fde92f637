/**
 * When a session may be ready, and when it must be.
 *
 * @module
 */

import type { Checks } from "../observer.ts";
import type { World } from "../world.ts";
import {
  endOf,
  type Fail,
  isReady,
  machineNow,
  MINUTE,
  NEXT_CONNECTION_MS,
  Recent,
  RECOVERY_MS,
  SECOND,
} from "./invariant.ts";

/** Checks that the session is not ready when no message has come for longer than the idle timeout. */
export function notReadyInSilence({ readiness }: World, fail: Fail): Checks {
  return {
    look() {
      if (readiness.wrongMs === 0) return;
      fail(`it was ready for ${readiness.wrongMs} ms too long, at least`);
    },
  };
}

/** Checks that the session is not ready without a connection, except while it reconnects. */
export function notReadyWithoutConnection(world: World, fail: Fail): Checks {
  let disconnectedAt: number | undefined;
  return {
    started: () => void (disconnectedAt = world.time.monotonicNow()),
    reported(type) {
      if (type === "connected") disconnectedAt = undefined;
      if (type === "disconnected") disconnectedAt = world.time.monotonicNow();
    },
    look() {
      if (disconnectedAt === undefined || !isReady(world)) return;
      const now = machineNow(world);
      if (now - disconnectedAt > 6 * SECOND) fail(`for ${now - disconnectedAt} ms`);
    },
  };
}

/** Checks that the session is not ready while messages are rejected or wait for too long. */
export function notReadyBehindBacklog(world: World, fail: Fail): Checks {
  const waiting = new Map<string, number>();
  const running = new Set<string>();
  let isFull = false;
  const forget = () => {
    waiting.clear();
    running.clear();
    isFull = false;
  };
  return {
    started: forget,
    reported(type, detail) {
      if (type === "overflowed") isFull = true;
      if (type === "connected") isFull = false;
      if (Reflect.get(detail, "type") !== "PayloadMessage") return;
      const messageId = String(Reflect.get(detail, "messageId"));
      if (type === "dropped") waiting.delete(messageId);
      // A copy of the one that is being handled is answered with it.
      if (type !== "received" || waiting.has(messageId) || running.has(messageId)) return;
      waiting.set(messageId, world.time.monotonicNow());
    },
    handlerBegan(lane, _type, messageId) {
      if (lane !== "payload") return;
      waiting.delete(messageId);
      running.clear();
      running.add(messageId);
    },
    handlerEnded(lane) {
      if (lane === "payload") running.clear();
    },
    handled: (messageId) => void waiting.delete(messageId),
    look() {
      if (!isReady(world)) return;
      if (isFull) fail("a lane is full");
      const now = machineNow(world);
      for (const [messageId, at] of waiting) {
        if (now - at > 61 * SECOND) fail(`${messageId} has waited for ${now - at} ms`);
      }
    },
  };
}

/** Checks that the session is not ready while a handler is stuck. */
export function notReadyWhileStuck(world: World, fail: Fail): Checks {
  const began = new Map<string, number>();
  return {
    started: () => began.clear(),
    handlerBegan: (lane) => void began.set(lane, world.time.monotonicNow()),
    handlerEnded: (lane) => void began.delete(lane),
    look() {
      const now = machineNow(world);
      for (const [lane, at] of began) {
        const limitMs = stuckMs(lane) + SECOND;
        if (now - at > limitMs && isReady(world)) fail(`${lane} for ${now - at} ms`);
      }
    },
  };
}

/** How long a handler may run, in ms. */
function stuckMs(lane: string): number {
  return lane === "updates" ? 20 * MINUTE : MINUTE;
}

/** Checks that each stuck handler is reported by an event. */
export function reportsStuckHandlers(world: World, fail: Fail): Checks {
  const began = new Map<string, number>();
  const reported = new Set<string>();
  let wasLate = false;
  const forget = (lane: string) => {
    began.delete(lane);
    reported.delete(lane);
  };
  return {
    started() {
      began.clear();
      reported.clear();
    },
    stopping: () => began.clear(),
    handlerBegan(lane) {
      forget(lane);
      began.set(lane, world.time.monotonicNow());
    },
    handlerEnded: forget,
    reported(type, detail) {
      if (type === "stuck") reported.add(String(Reflect.get(detail, "lane")));
    },
    look() {
      // The process may have crashed.
      if (world.agent.session === undefined) began.clear();
      const now = machineNow(world);
      const late = [...began].find(([lane, at]) =>
        now - at > stuckMs(lane) + 5 * SECOND && !reported.has(lane)
      );
      // A thread that was blocked gets the time until the next look.
      if (late !== undefined && wasLate) fail(`the lane ${late[0]} has been stuck unreported`);
      wasLate = late !== undefined;
    },
  };
}

/**
 * Checks that the session calls a handler stuck, answers lost, and itself failing, only if that is
 * so.
 */
export function reportsNoFalseTroubles(world: World, fail: Fail): Checks {
  const began = new Map<string, number>();
  const answeredOver = new Recent<number>();
  let answered = new Set<string>();
  return {
    started() {
      began.clear();
      answered.clear();
    },
    sent: ({ messageId }) => void answered.add(messageId),
    handlerBegan: (lane) => void began.set(lane, world.time.monotonicNow()),
    reported(type, detail) {
      if (type === "failing" && world.calmForMs > RECOVERY_MS + NEXT_CONNECTION_MS) {
        fail(`failing, ${Math.round(world.calmForMs / 1000)} s after the last fault`);
      }
      if (type === "connected") {
        for (const id of answered) answeredOver.set(id, 1 + (answeredOver.get(id) ?? 0));
        answered = new Set();
      }
      if (type === "answerslost") {
        const messageId = String(Reflect.get(detail, "messageId"));
        const connections = answeredOver.get(messageId) ?? 0;
        if (connections < 2) fail(`${messageId} was answered over ${connections} connections`);
      }
      if (type !== "stuck") return;
      const lane = String(Reflect.get(detail, "lane"));
      const at = began.get(lane);
      const ageMs = world.time.monotonicNow() - (at ?? -Infinity);
      // Its message may have been decoded, and its credentials stored, a moment before.
      if (ageMs < stuckMs(lane) - SECOND) fail(`the lane ${lane} is stuck after ${ageMs} ms`);
    },
  };
}

/** Connections that end sooner than this are short, in ms. */
const SHORT_MS = 5 * SECOND;

/** Checks that the session is not ready at the beginning of a connection after two that were in vain. */
export function notReadyAfterUselessConnections(world: World, fail: Fail): Checks {
  let short = 0;
  let silent = 0;
  let connectedAt: number | undefined;
  const forget = () => {
    short = silent = 0;
    connectedAt = undefined;
  };
  const look = () => {
    if (connectedAt === undefined || !isReady(world)) return;
    const livedMs = machineNow(world) - connectedAt;
    if (silent >= 2 && livedMs < MINUTE - SECOND) fail(`${silent} connections fell silent`);
    if (short >= 2 && livedMs < SHORT_MS) fail(`${short} connections were short`);
  };
  return {
    started: forget,
    reported(type, detail) {
      if (type === "suspended") return forget();
      if (type === "connected") {
        connectedAt = world.time.monotonicNow();
        return look();
      }
      if (type !== "disconnected") return;
      connectedAt = undefined;
      const kind = endOf(detail);
      if (kind === "idle") silent += 1;
      else silent = 0;
      const wasShort = Number(Reflect.get(detail, "livedMs")) < SHORT_MS;
      if (kind === "close" || kind === "eof" || kind === "error") short = wasShort ? short + 1 : 0;
      else short = 0;
    },
    look,
  };
}

/** Checks that the session is not ready when its answers are lost over connection after connection. */
export function notReadyWithLostAnswers(world: World, fail: Fail): Checks {
  let answeredOver = new Map<string, number>();
  let answered = new Set<string>();
  /** Those that were redelivered over this connection, and are not answered. */
  let pending = new Set<string>();
  /** Those that the last connection has ended without answering. */
  let unanswered = new Set<string>();
  let again: string | undefined;
  let againAt = 0;
  const forget = () => {
    answeredOver = new Map();
    answered = new Set();
    pending = new Set();
    unanswered = new Set();
    again = undefined;
  };
  return {
    started: forget,
    // Something has arrived: what was sent before is not permanently lost.
    delivered: forget,
    sent({ type, messageId }) {
      if (type !== "AckRequest") return;
      answered.add(messageId);
      pending.delete(messageId);
    },
    arrived({ type, messageId }) {
      if (type !== "PayloadMessage" || (answeredOver.get(messageId) ?? 0) < 2) return;
      pending.add(messageId);
      if (unanswered.has(messageId)) return;
      again = messageId;
      againAt = world.time.monotonicNow();
    },
    reported(type) {
      if (type !== "connected") return;
      for (const id of answered) answeredOver.set(id, 1 + (answeredOver.get(id) ?? 0));
      answered = new Set();
      unanswered = pending;
      pending = new Set();
      again = undefined;
    },
    look() {
      const now = machineNow(world);
      // The service may not resend it soon: after two minutes the state is unknown.
      if (again === undefined || now - againAt > 2 * MINUTE || !isReady(world)) return;
      fail(`${again} was redelivered after ${answeredOver.get(again)} connections`);
    },
  };
}

/** Checks that the session is ready again soon after the last fault. */
export function readyAfterFaults(world: World, fail: Fail): Checks {
  let unreadySince: number | undefined;
  return {
    look() {
      const { health } = world;
      if (health === undefined || health.ready) {
        unreadySince = undefined;
        return;
      }
      const now = world.time.elapsedMs;
      unreadySince ??= now;
      const { problems, reasons } = health;
      // Only a new connection shows that answers arrive.
      const needsConnection = reasons.includes("answers-lost");
      const healedAt = now - world.calmForMs + (needsConnection ? NEXT_CONNECTION_MS : 0);
      if (now - Math.max(unreadySince, healedAt + RECOVERY_MS) <= MINUTE) return;
      fail(
        `${problems.join("; ")}, ${Math.round(world.calmForMs / 1000)} s after the last fault`,
      );
    },
  };
}
