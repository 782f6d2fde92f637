/**
 * The invariants of every simulation, checked at every step. Each is a sentence with the code that
 * checks it.
 *
 * @module
 */

import { getEventListeners } from "node:events";
import { isResent } from "../../protocol/answers.ts";
import type { IAMRoleCredentials } from "../../protocol/messages.ts";
import { CONTAINER_INSTANCE_ARN } from "../testing/fakes/session_stage.ts";
import type { Leaks } from "./globals.ts";
import type { Checks, PassingMessage } from "./observer.ts";
import type { World } from "./world.ts";

/** An invariant. */
export interface Sentence {
  /** The sentence. */
  readonly says: string;
  /**
   * Checks it in one world.
   *
   * @param world The world.
   * @param fail Called with the violation.
   * @param leaks Events that must not occur in the process.
   */
  readonly check: (world: World, fail: (what: string) => void, leaks: Leaks) => Checks;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/**
 * How long recovery may take once there are no more faults, in ms: a credentials call of five
 * minutes, the longest delay, an idle timeout, and the unfinished work.
 */
export const RECOVERY_MS = 15 * MINUTE;

/**
 * A message whose handler failed is retried when the service resends it: over the next connection,
 * after at most 35 minutes.
 */
const NEXT_CONNECTION_MS = 36 * MINUTE;

/** Every sentence. */
export const SENTENCES: readonly Sentence[] = [
  {
    says: "nothing is acknowledged before it was handled",
    check(_world, fail) {
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
    },
  },
  {
    says: "credentials are stored before they are acknowledged",
    check({ agent, service }, fail) {
      const ids = new Recent<true>();
      return {
        arrived: (message) => {
          for (const id of credentialsIdsIn(message)) ids.set(id, true);
        },
        sent({ type, fields }) {
          if (type !== "IAMRoleCredentialsAckRequest") return;
          // A full store drops those that have expired, even before they are acknowledged.
          if (Date.parse(String(fields["expiration"])) <= service.emulator.now()) return;
          const id = String(fields["credentialsId"]);
          const stored = agent.session?.credentialsManager.getTaskCredentials(id);
          const isOfTask = service.emulator.issued.all(CONTAINER_INSTANCE_ARN).some((issued) =>
            issued.roleCredentials?.credentialsId === id &&
            !hasExpired(issued.roleCredentials, service.emulator.now())
          );
          if (stored === undefined && isOfTask && ids.get(id)) fail(`${id} is not stored`);
        },
      };
    },
  },
  {
    says:
      "every message that requires an acknowledgement is acknowledged soon after the last fault",
    check(world, fail) {
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
    },
  },
  {
    says: "a lane runs one handler at a time",
    check(_world, fail) {
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
    },
  },
  {
    says: "payloads are handled in the order of their arrival, and each once",
    check(_world, fail) {
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
    },
  },
  {
    says: "a heartbeat is answered immediately, whatever the lanes do",
    check(world, fail) {
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
        look() {
          const now = world.time.as("machine", () => world.time.monotonicNow());
          for (const [messageId, at] of due) {
            if (now - at > 5 * SECOND) fail(`${messageId} arrived ${now - at} ms ago`);
          }
        },
      };
    },
  },
  {
    says: "a message in one lane does not wait for another lane",
    check(world, fail) {
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
          const now = world.time.as("machine", () => world.time.monotonicNow());
          for (const [messageId, at] of waiting) {
            if (now - at <= 20 * SECOND) continue;
            fail(
              `${messageId} has waited for ${now - at} ms` +
                (isPayloadRunning ? " while a payload was handled" : ""),
            );
          }
        },
      };
    },
  },
  {
    says: "the newest credentials win",
    check(world, fail) {
      const everyTenMinutes = every(world, 10 * MINUTE);
      return {
        look() {
          if (!everyTenMinutes() || !isSettled(world)) return;
          const { agent: { session }, service: { emulator } } = world;
          for (const { taskArn, roleCredentials } of emulator.issued.all(CONTAINER_INSTANCE_ARN)) {
            const id = roleCredentials?.credentialsId ?? "";
            if (emulator.tasks.get(taskArn ?? "")?.desiredStatus !== "RUNNING") continue;
            // The agent's store may drop those that have expired.
            if (hasExpired(roleCredentials, emulator.now())) continue;
            const stored = session?.credentialsManager.getTaskCredentials(id);
            const storedKey = stored?.iamRoleCredentials.accessKeyId;
            if (storedKey !== roleCredentials?.accessKeyId) {
              fail(`${id} of ${taskArn} is ${storedKey ?? "missing"}`);
            }
          }
        },
      };
    },
  },
  {
    says: "the credentials of stopped tasks are removed",
    check(world, fail) {
      const everyTenMinutes = every(world, 10 * MINUTE);
      let startedAt = 0;
      return {
        started: () => void (startedAt = world.time.elapsedMs),
        look() {
          if (!everyTenMinutes() || !isSettled(world)) return;
          const { agent: { session, disk }, service: { emulator } } = world;
          for (const { taskArn, desiredStatus, task } of emulator.tasks.records) {
            if (desiredStatus !== "STOPPED" || disk.tasks.get(taskArn) !== "STOPPED") continue;
            // A process that has started since does not know what an earlier one has stopped.
            if ((disk.stoppedAt.get(taskArn) ?? 0) < startedAt) continue;
            const id = task.roleCredentials?.credentialsId ?? "";
            const stored = session?.credentialsManager.getTaskCredentials(id);
            if (stored !== undefined) fail(`${id} of ${taskArn} is still stored`);
          }
        },
      };
    },
  },
  {
    says: "the agent's tasks agree with the service's in the end",
    check(world, fail) {
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
    },
  },
  {
    says: "the other instances get their own messages only, and run the tasks that they should",
    check(world, fail) {
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
    },
  },
  {
    says: "the session is not ready when no message has come for longer than the idle timeout",
    check({ readiness }, fail) {
      return {
        look() {
          if (readiness.wrongMs === 0) return;
          fail(`it was ready for ${readiness.wrongMs} ms too long, at least`);
        },
      };
    },
  },
  {
    says: "the session is not ready without a connection, except while it reconnects",
    check(world, fail) {
      let disconnectedAt: number | undefined;
      return {
        started: () => void (disconnectedAt = world.time.monotonicNow()),
        reported(type) {
          if (type === "connected") disconnectedAt = undefined;
          if (type === "disconnected") disconnectedAt = world.time.monotonicNow();
        },
        look() {
          if (disconnectedAt === undefined || !isReady(world)) return;
          const now = world.time.as("machine", () => world.time.monotonicNow());
          if (now - disconnectedAt > 6 * SECOND) fail(`for ${now - disconnectedAt} ms`);
        },
      };
    },
  },
  {
    says: "the session is not ready while messages are rejected or wait for too long",
    check(world, fail) {
      const waiting = new Map<string, number>();
      let isFull = false;
      const forget = () => {
        waiting.clear();
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
          if (type !== "received" || waiting.has(messageId)) return;
          waiting.set(messageId, world.time.monotonicNow());
        },
        handlerBegan: (_lane, _type, messageId) => void waiting.delete(messageId),
        handled: (messageId) => void waiting.delete(messageId),
        look() {
          if (!isReady(world)) return;
          if (isFull) fail("a lane is full");
          const now = world.time.as("machine", () => world.time.monotonicNow());
          for (const [messageId, at] of waiting) {
            if (now - at > 61 * SECOND) fail(`${messageId} has waited for ${now - at} ms`);
          }
        },
      };
    },
  },
  {
    says: "the session is not ready while a handler is stuck",
    check(world, fail) {
      const began = new Map<string, number>();
      return {
        started: () => began.clear(),
        handlerBegan: (lane) => void began.set(lane, world.time.monotonicNow()),
        handlerEnded: (lane) => void began.delete(lane),
        look() {
          const now = world.time.as("machine", () => world.time.monotonicNow());
          for (const [lane, at] of began) {
            const limitMs = (lane === "updates" ? 20 * MINUTE : MINUTE) + SECOND;
            if (now - at > limitMs && isReady(world)) fail(`${lane} for ${now - at} ms`);
          }
        },
      };
    },
  },
  {
    says: "the session is not ready when its answers are lost over connection after connection",
    check(world, fail) {
      let answeredOver = new Map<string, number>();
      let answered = new Set<string>();
      let again: string | undefined;
      let againAt = 0;
      const forget = () => {
        answeredOver = new Map();
        answered = new Set();
        again = undefined;
      };
      return {
        started: forget,
        // Something has arrived: what was sent before is not permanently lost.
        delivered: forget,
        sent({ type, messageId }) {
          if (type === "AckRequest") answered.add(messageId);
        },
        arrived({ type, messageId }) {
          if (type !== "PayloadMessage" || (answeredOver.get(messageId) ?? 0) < 2) return;
          again = messageId;
          againAt = world.time.monotonicNow();
        },
        reported(type) {
          if (type !== "connected") return;
          for (const id of answered) answeredOver.set(id, 1 + (answeredOver.get(id) ?? 0));
          answered = new Set();
          again = undefined;
        },
        look() {
          const now = world.time.as("machine", () => world.time.monotonicNow());
          // The service may not resend it soon: after two minutes the state is unknown.
          if (again === undefined || now - againAt > 2 * MINUTE || !isReady(world)) return;
          fail(`${again} was redelivered after ${answeredOver.get(again)} connections`);
        },
      };
    },
  },
  {
    says: "the session is ready again soon after the last fault",
    check(world, fail) {
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
    },
  },
  {
    says: "a suspension is noticed soon after the machine has resumed",
    check(world, fail) {
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
          if (!isLong || sinceMs < 20 * SECOND || sinceMs > MINUTE) return;
          if (startedAt > fromMs || noticedAt >= untilMs || agent.session === undefined) return;
          if (world.clockSetAtMs < fromMs) fail(`${sinceMs} ms after it`);
        },
      };
    },
  },
  {
    says: "the session waits exactly as long as its table of delays allows",
    check(_world, fail) {
      return {
        reported(type, detail) {
          if (type !== "waiting") return;
          const delayMs = Number(Reflect.get(detail, "delayMs"));
          const isInactive = Reflect.get(detail, "reason") === "inactive";
          const [least, most] = isInactive ? [3_600_000, 3_600_000] : [250, 144_000];
          if (delayMs < least || delayMs > most) fail(`it waits for ${delayMs} ms`);
        },
      };
    },
  },
  {
    says: "the session never connects in a storm",
    check(world, fail) {
      let times: number[] = [];
      return {
        connecting() {
          const now = world.time.elapsedMs;
          times = [...times.filter((at) => now - at < MINUTE), now];
          if (times.length > 40) fail(`${times.length} connects within a minute`);
        },
      };
    },
  },
  {
    says: "the endpoint is rediscovered when it may have gone bad",
    check(_world, fail) {
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
    },
  },
  {
    says: "timers, listeners, connections and queued messages are bounded",
    check(world, fail) {
      return {
        look() {
          for (const [what, [count, most]] of Object.entries(countsOf(world))) {
            if (count > most) fail(`${count} ${what}`);
          }
        },
      };
    },
  },
  {
    says: "no error is unhandled, and only the seed decides what happens",
    check(_world, fail, leaks) {
      return {
        step() {
          if (leaks.found.length > 0) fail(leaks.found.join("; "));
        },
      };
    },
  },
  {
    says: "no event, log record or health report contains a secret",
    check(world, fail) {
      const isQuiet = new Set(["received", "connected", "waiting"]);
      const searched = new WeakSet<object>();
      const search = (where: string, value: unknown) => {
        if (typeof value === "object" && value !== null) {
          // The same error is reported several times.
          if (searched.has(value)) return;
          searched.add(value);
        }
        const [leaked] = SECRETS.exec(textOf(value)) ?? [];
        if (leaked !== undefined) fail(`${where} contains ${leaked}`);
      };
      return {
        reported(type, detail) {
          if (isQuiet.has(type)) return;
          for (const value of Object.values(detail)) search(type, value);
        },
        logged({ level, message, properties }) {
          const where = `a record of the level ${level}`;
          search(where, message.join(""));
          for (const name in properties) search(where, properties[name]);
        },
        look() {
          const { health } = world;
          if (health === undefined || health.ready) return;
          search("health", [health.problems, health.lastError]);
        },
      };
    },
  },
  {
    says: "the service has no reason to complain",
    check(_world, fail) {
      return {
        complained(problem) {
          // Under faults some heartbeats and answers do not arrive.
          if (!problem.includes("was not answered")) fail(problem);
        },
      };
    },
  },
  {
    says: "nothing is left after the stop",
    check(world, fail) {
      return {
        over() {
          const timers = world.time.pendingOfPrograms;
          if (timers > 0) fail(`${timers} timers`);
          const listeners = getEventListeners(world.agent.shared.signal, "abort").length;
          if (listeners > 0) fail(`${listeners} listeners`);
          for (const { network } of [world, ...world.neighbours]) {
            if (network.links.some((link) => !link.isClientOver)) fail("an open connection");
          }
        },
      };
    },
  },
];

/** Everything that is secret in a simulation begins like one of these. */
const SECRETS = /simulated-s|EMULATED-|AWS4-HMAC/;

/** What may accumulate, and its maximum. Each agent has its own. */
function countsOf(world: World): Record<string, readonly [count: number, most: number]> {
  const { time, agent, health, network, neighbours } = world;
  const { lanes = [], background } = health ?? {};
  const instances = 1 + neighbours.length;
  return {
    "timers": [time.pendingOfPrograms, 50 * instances],
    "listeners of the signal": [getEventListeners(agent.shared.signal, "abort").length, 3],
    "open connections": [network.links.filter((link) => !link.isClientOver).length, 2],
    "messages in lanes": [lanes.reduce((sum, { depth }) => sum + depth, 0), 25 * lanes.length],
    "handlers in the background": [background?.count ?? 0, 100],
  };
}

function hasExpired(credentials: IAMRoleCredentials | null | undefined, now: number): boolean {
  return Date.parse(credentials?.expiration ?? "") <= now;
}

/** Whether all messages are answered, and the world has been calm for long enough. */
function isSettled(world: World): boolean {
  const { service: { emulator: { hub } }, agent: { session } } = world;
  return world.calmForMs > RECOVERY_MS && hub.outbox.size === 0 && session !== undefined &&
    isReady(world);
}

function isReady({ health }: World): boolean {
  return health?.ready ?? false;
}

/** Returns a function that is true at most once per time, in ms. */
function every({ time }: World, ms: number): () => boolean {
  let lastAt = -Infinity;
  return () => {
    const isDue = time.elapsedMs - lastAt >= ms;
    if (isDue) lastAt = time.elapsedMs;
    return isDue;
  };
}

/** A map that drops old entries. */
class Recent<V> {
  #newer: Map<string, V> = new Map();
  #older: Map<string, V> = new Map();

  get(key: string): V | undefined {
    return this.#newer.get(key) ?? this.#older.get(key);
  }

  set(key: string, value: V): void {
    this.#newer.set(key, value);
    if (this.#newer.size < 5_000) return;
    this.#older = this.#newer;
    this.#newer = new Map();
  }
}

function credentialsIdsIn({ type, fields }: PassingMessage): string[] {
  if (type === "IAMRoleCredentialsMessage") return idsOf([fields["roleCredentials"]]);
  if (type !== "PayloadMessage" || !Array.isArray(fields["tasks"])) return [];
  return fields["tasks"].flatMap((task: unknown) =>
    typeof task === "object" && task !== null
      ? idsOf([Reflect.get(task, "roleCredentials"), Reflect.get(task, "executionRoleCredentials")])
      : []
  );
}

function idsOf(credentials: readonly unknown[]): string[] {
  return credentials.flatMap((each) => {
    if (typeof each !== "object" || each === null) return [];
    const id: unknown = Reflect.get(each, "credentialsId");
    return typeof id === "string" ? [id] : [];
  });
}

/** All texts of a report, including causes. */
function textOf(value: unknown, depth = 0): string {
  if (typeof value !== "object" || value === null) return String(value);
  if (depth > 5) return "";
  const names = Object.getOwnPropertyNames(value).filter((name) => name !== "refusal");
  return names.map((name) => textOf(Reflect.get(value, name), depth + 1)).join("\n");
}
