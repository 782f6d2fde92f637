/**
 * The order in which messages are handled, and that lanes do not wait for each other.
 *
 * @module
 */

import type { Checks, PassingMessage } from "../observer.ts";
import type { World } from "../world.ts";
import { type Fail, machineNow, Recent, SECOND } from "./invariant.ts";

/** Checks that a lane runs one handler at a time. */
export function oneHandlerPerLane(_world: World, fail: Fail): Checks {
  const running = new Map<string, number>();
  return {
    started: () => running.clear(),
    handlerBegan(lane, type) {
      const count = 1 + (running.get(lane) ?? 0);
      running.set(lane, count);
      if (count > 1) fail(`${count} handlers in the lane ${lane}, the last of a ${type}`);
    },
    handlerEnded: (lane) => void running.set(lane, (running.get(lane) ?? 1) - 1),
  };
}

/** Checks that payloads are handled in the order of their arrival, and each once. */
export function payloadsInOrder(_world: World, fail: Fail): Checks {
  /** Those that have arrived and are not being handled yet, the oldest first. */
  let waiting: string[] = [];
  /** Those of them that the session has seen. */
  let received = new Set<string>();
  /** Those that arrived again while they were waiting or being handled. */
  let copies = new Set<string>();
  let running: string | undefined;
  let ended: string | undefined;
  return {
    started() {
      waiting = [];
      received = new Set();
      copies = new Set();
      running = ended = undefined;
    },
    // What the last connection has not passed on is lost with it.
    connecting: () => void (waiting = waiting.filter((each) => received.has(each))),
    arrived({ type, messageId }) {
      if (type !== "PayloadMessage" || messageId === "") return;
      if (waiting.includes(messageId) || running === messageId) copies.add(messageId);
      else waiting.push(messageId);
    },
    reported(type, detail) {
      if (Reflect.get(detail, "type") !== "PayloadMessage") return;
      const messageId = String(Reflect.get(detail, "messageId"));
      if (type === "received") received.add(messageId);
      if (type !== "dropped") return;
      waiting = waiting.filter((each) => each !== messageId);
      received.delete(messageId);
      // The handler has failed, and the copy is another attempt.
      if (copies.delete(messageId) && ended === messageId) waiting.unshift(messageId);
    },
    handlerBegan(lane, type, messageId) {
      if (lane !== "payload") return;
      if (ended !== undefined) copies.delete(ended);
      ended = undefined;
      if (type !== "PayloadMessage") return;
      running = messageId;
      const first = waiting.shift();
      received.delete(messageId);
      if (first !== messageId) fail(`${messageId} was handled, and ${first} arrived earlier`);
    },
    handlerEnded(lane) {
      if (lane !== "payload") return;
      ended = running;
      running = undefined;
    },
  };
}

/** Checks that a lane rejects payloads only while one of its handlers is running. */
export function fastHandlersKeepUp(_world: World, fail: Fail): Checks {
  let running = 0;
  return {
    started: () => void (running = 0),
    handlerBegan(lane) {
      if (lane === "payload") running += 1;
    },
    handlerEnded(lane) {
      if (lane === "payload") running -= 1;
    },
    reported(type, detail) {
      // Messages that wait only for the event loop to turn must not fill a lane.
      if (type !== "overflowed" || Reflect.get(detail, "lane") !== "payload") return;
      if (running === 0) fail(`with ${String(Reflect.get(detail, "waiting"))} messages waiting`);
    },
  };
}

/** Checks that a heartbeat is answered immediately, whatever the lanes do. */
export function heartbeatsAtOnce(world: World, fail: Fail): Checks {
  const due = new Map<string, number>();
  return {
    started: () => due.clear(),
    arrived({ type, messageId }) {
      if (type === "HeartbeatMessage") due.set(messageId, world.time.monotonicNow());
    },
    sent({ type, messageId }) {
      if (type === "HeartbeatAckRequest") due.delete(messageId);
    },
    reported(type) {
      if (type === "disconnected") due.clear();
    },
    // An attempt may be cancelled after its first frames have arrived.
    connecting: () => due.clear(),
    look() {
      const now = machineNow(world);
      for (const [messageId, at] of due) {
        if (now - at > 5 * SECOND) fail(`${messageId} arrived ${now - at} ms ago`);
      }
    },
  };
}

/** Checks that a message in one lane does not wait for another lane. */
export function lanesAreIndependent(world: World, fail: Fail): Checks {
  const waiting = new Map<string, number>();
  let isPayloadRunning = false;
  return {
    started() {
      waiting.clear();
      isPayloadRunning = false;
    },
    arrived({ type, messageId }) {
      // Attachments have their own lane, and are acknowledged while their handlers run.
      if (type !== "ConfirmAttachmentMessage") return;
      waiting.set(messageId, world.time.monotonicNow());
    },
    sent({ messageId }) {
      waiting.delete(messageId);
    },
    handlerBegan(lane) {
      if (lane === "payload") isPayloadRunning = true;
    },
    handlerEnded(lane) {
      if (lane === "payload") isPayloadRunning = false;
    },
    reported(type, detail) {
      if (type === "disconnected" || type === "overflowed") waiting.clear();
      if (type === "dropped") waiting.delete(String(Reflect.get(detail, "messageId")));
    },
    look() {
      const now = machineNow(world);
      for (const [messageId, at] of waiting) {
        if (now - at <= 20 * SECOND) continue;
        fail(
          `${messageId} has waited for ${now - at} ms` +
            (isPayloadRunning ? " while a payload was handled" : ""),
        );
      }
    },
  };
}

/** Checks that credentials wait for the payload of their task, and for no other. */
export function credentialsWaitForTheirPayload(world: World, fail: Fail): Checks {
  const tasksOf = new Recent<readonly string[]>();
  /** The payloads that the session has, in the order of their arrival. */
  const payloads = new Map<string, number>();
  /** The credentials that wait, and when they arrived. */
  const waiting = new Map<string, { readonly order: number; readonly at: number }>();
  /** When credentials that have not been handled arrived first, also over an earlier connection. */
  const first = new Map<string, number>();
  let order = 0;
  let idleSince = 0;
  /** The payload of the same task that arrived before a place in the order. */
  const before = (messageId: string, limit = 0) => {
    const [task] = tasksOf.get(messageId) ?? [];
    return [...payloads].find(([id, each]) =>
      each < limit && task !== undefined && tasksOf.get(id)?.includes(task)
    );
  };
  return {
    started() {
      payloads.clear();
      waiting.clear();
      first.clear();
      idleSince = world.time.monotonicNow();
    },
    arrived(message) {
      tasksOf.set(message.messageId, taskArnsIn(message));
    },
    reported(type, detail) {
      const messageId = String(Reflect.get(detail, "messageId"));
      // Without a connection they are not acknowledged.
      if (type === "disconnected") waiting.clear();
      if (type === "dropped") {
        payloads.delete(messageId);
        waiting.delete(messageId);
        first.delete(messageId);
      }
      if (type !== "received") return;
      const messageType = Reflect.get(detail, "type");
      order += 1;
      if (messageType === "PayloadMessage" && !payloads.has(messageId)) {
        payloads.set(messageId, order);
      }
      if (messageType !== "IAMRoleCredentialsMessage" || waiting.has(messageId)) return;
      waiting.set(messageId, { order, at: world.time.monotonicNow() });
      first.set(messageId, first.get(messageId) ?? order);
    },
    handlerBegan(lane, _type, messageId) {
      if (lane !== "credentials") return;
      idleSince = Infinity;
      const [payload] = before(messageId, first.get(messageId)) ?? [];
      if (payload !== undefined) fail(`${messageId} was handled before ${payload}`);
      waiting.delete(messageId);
      first.delete(messageId);
    },
    handled: (messageId) => void payloads.delete(messageId),
    handlerEnded(lane) {
      if (lane === "credentials") idleSince = world.time.monotonicNow();
    },
    sent: ({ messageId }) => void waiting.delete(messageId),
    look() {
      const now = machineNow(world);
      for (const [messageId, { at, order: place }] of waiting) {
        const sinceMs = now - Math.max(at, idleSince);
        if (sinceMs <= 20 * SECOND || before(messageId, place) !== undefined) continue;
        fail(`${messageId} has waited for ${sinceMs} ms although no payload names its task`);
      }
    },
  };
}

function taskArnsIn({ type, fields }: PassingMessage): string[] {
  if (type === "IAMRoleCredentialsMessage") return [String(fields["taskArn"])];
  if (type !== "PayloadMessage" || !Array.isArray(fields["tasks"])) return [];
  return fields["tasks"].map((task: unknown) =>
    typeof task === "object" && task !== null ? String(Reflect.get(task, "arn")) : ""
  );
}
