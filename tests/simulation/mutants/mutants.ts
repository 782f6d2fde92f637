/**
 * Mutants of the session: each has one mistake that a simulation must find.
 *
 * @module
 */

import { FOUND } from "../found_schedules.ts";
import type { SimulationOptions } from "../simulate.ts";
import { BLOCKING, ECHO, FAILED_PAYLOAD, MOVED, OVERFLOW } from "./schedules.ts";

/** One mutant. */
export interface Mutant {
  /** The mistake. */
  readonly mistake: string;
  /** The file that has it, in the repository. */
  readonly file: string;
  /** The text that is replaced. */
  readonly find: string;
  /** What replaces it, everywhere in the file. */
  readonly replace: string;
  /** A seed that finds it, tried first; 1 by default. */
  readonly seed?: number;
  /** A schedule that finds it, used instead of seeds. */
  readonly schedule?: SimulationOptions;
}

/** Every mutant. */
export const MUTANTS: readonly Mutant[] = [
  {
    mistake: "the idle timer is not reset by a message",
    file: "wsclient/idle_timer.ts",
    find: "if (now - this.#resetAt < 1) return false;",
    replace: "if (this.#resetAt !== -Infinity) return false;",
    seed: 2,
  },
  {
    mistake: "silence does not end a connection",
    file: "wsclient/client.ts",
    find: "const onIdle = () => void this.#leave(",
    replace: "const onIdle = () => void (() => {})(",
    seed: 5,
  },
  {
    mistake: "a payload is acknowledged before its handler runs",
    file: "responders/payload_responder.ts",
    find: "const stored = storePayloadCredentials(message, manager, stoppedTasks);",
    replace: "respond('AckRequest', ackRequestOf(message));" +
      "const stored = storePayloadCredentials(message, manager, stoppedTasks);",
    seed: 2,
  },
  {
    mistake: "a payload is acknowledged although its handler has failed",
    file: "responders/payload_responder.ts",
    find: "handler.processMessage(message, payloadAck(message, respond, stored, onAcknowledged));",
    replace: "((ack) => handler.processMessage(message, ack).catch(() => ack()))" +
      "(payloadAck(message, respond, stored, onAcknowledged));",
    seed: 5,
  },
  {
    mistake: "a manifest is acknowledged before it was compared",
    file: "responders/task_manifest_responder.ts",
    find: "const timeline = message.timeline ?? 0;",
    replace:
      "respond('AckRequest', ackRequestOf(message)); const timeline = message.timeline ?? 0;",
    seed: 2,
  },
  {
    mistake: "the storm guard is off",
    file: "session/reconnect_policy.ts",
    find: "this.#shortInARow >= 2 && !OWN_ENDS",
    replace: "this.#shortInARow >= Infinity && !OWN_ENDS",
    seed: 5,
  },
  {
    mistake: "an overflow is forgotten: the refused messages are not requested again",
    file: "session/dispatch/message_dispatcher.ts",
    find: "this.#options.listener.overflowed(lane.name, lane.health().depth);\n" +
      "    this.#leaveOnceIdle(dispatchLane);",
    replace: "this.#options.listener.overflowed(lane.name, lane.health().depth);",
    seed: 2,
  },
  {
    mistake: "older credentials replace newer ones",
    file: "responders/newer_credentials.ts",
    find: "return Date.parse(",
    replace: "return false && Date.parse(",
    schedule: FAILED_PAYLOAD,
  },
  {
    mistake: "refreshed credentials are acknowledged and not stored",
    file: "responders/refresh_credentials_responder.ts",
    find: "await credentialsManager.setTaskCredentials(",
    replace: "await (() => {})(",
    seed: 3,
  },
  {
    mistake: "the age of the last message is measured by the wall clock",
    file: "session/session_status.ts",
    find: "performance.now()",
    replace: "Date.now()",
    schedule: MOVED,
  },
  {
    mistake: "the session is ready before any message has arrived",
    file: "session/health.ts",
    find: "if (messageAgeMs === undefined) {",
    replace: "if (messageAgeMs === undefined) { return [];",
    seed: 2,
  },
  {
    mistake: "the session stays ready without messages",
    file: "session/health.ts",
    find: "if (messageAgeMs <= timing.idleTimeoutMs + timing.idleJitterMs) return [];",
    replace: "if (messageAgeMs <= Infinity) return [];",
    seed: 2,
  },
  {
    mistake: "a stuck handler is not noticed",
    file: "session/dispatch/stuck_watch.ts",
    find: "performance.now() - this.#since >= this.#stuckMs;",
    replace: "performance.now() - this.#since >= Infinity;",
    seed: 4,
  },
  {
    mistake: "the delays do not grow",
    file: "session/backoff.ts",
    find: "MULTIPLIER ** failures",
    replace: "MULTIPLIER ** 0",
    seed: 3,
  },
  {
    mistake: "the delays have no maximum",
    file: "session/backoff.ts",
    find: "Math.min(backoffMaxMs, ",
    replace: "Math.min(Infinity, ",
    seed: 3,
  },
  {
    mistake: "the delays are never reset",
    file: "session/reconnect_policy.ts",
    find: "this.#backoffs = 0;",
    replace: "",
    seed: 5,
  },
  {
    mistake: "ECS is not asked again when the endpoint has gone bad",
    file: "session/session_loop.ts",
    find: "if (decision.rediscover) this.#discovery.doubtEndpoint();",
    replace: "",
    seed: 3,
  },
  {
    mistake: "one failed discovery fails all later ones",
    file: "session/discovery/poll_endpoint_cache.ts",
    find: ".finally(() => this.#inFlight = undefined)",
    replace: "",
    seed: 3,
  },
  {
    mistake: "a deregistered instance tries again after a minute",
    file: "session/reconnect_policy.ts",
    find: "delayMs: this.#timing.inactiveInstanceReconnectDelayMs",
    replace: "delayMs: 60_000",
    seed: 3,
  },
  {
    mistake: "heartbeats wait behind payloads",
    file: "responders/heartbeat_responder.ts",
    find: 'lane: "none"',
    replace: 'lane: "payload"',
    seed: 3,
  },
  {
    mistake: "attachments wait behind payloads",
    file: "responders/attach_resource_responder.ts",
    find: 'lane: "attachments"',
    replace: 'lane: "payload"',
    schedule: OVERFLOW,
  },
  {
    mistake: "a lane runs two handlers at a time",
    file: "session/dispatch/lane.ts",
    find: "if (this.#running === undefined && !this.#isPaused && !this.#mustPause) {",
    replace: "if (!this.#isPaused && !this.#mustPause) {",
    seed: 2,
  },
  {
    mistake: "a suspension is not noticed",
    file: "session/suspend_watch.ts",
    find: "if (aheadMs < this.#minSuspensionMs) return;",
    replace: "if (aheadMs < Infinity) return;",
    seed: 2,
  },
  {
    mistake: "refused keys are used again",
    file: "session/learn_from_refusal.ts",
    find: "if (refusesKeys(error)) credentials.refuse();",
    replace: "",
    seed: 2,
  },
  {
    mistake: "the service's clock is not learned from a refusal",
    file: "wsclient/signing/clock_skew.ts",
    find: "this.#skewMs = usable(measuredMs);",
    replace: "",
    seed: 5,
  },
  {
    mistake: "the timers of a connection go on after its end",
    file: "wsclient/client.ts",
    find: "deadlines.clear();",
    replace: "",
    seed: 2,
  },
  {
    mistake: "a stopped session still listens to its signal",
    file: "session/session.ts",
    find: 'signal?.removeEventListener("abort", stop);',
    replace: "",
    seed: 4,
  },
  {
    mistake: "a cancelled connect is an unhandled rejection",
    file: "wsclient/upgrade.ts",
    find: 'closeQuietly(late, "Cancelled"), () => {});',
    replace: 'closeQuietly(late, "Cancelled"));',
    seed: 2,
  },
  {
    mistake: "errors are reported with their secrets",
    file: "wsclient/upgrade.ts",
    find: "explainFailure(error, host, [...secrets], options)",
    replace: "explainFailure(error, host, [], options)",
    schedule: ECHO,
  },
  {
    mistake: "jitter comes from Math.random",
    file: "internal/jitter.ts",
    find: "random() * jitterMs",
    replace: "Math.random() * jitterMs",
    seed: 2,
  },
  {
    mistake: "a stop does not close the connection",
    file: "session/session_loop.ts",
    find: 'else stop.addEventListener("abort", onStop, { once: true });',
    replace: "",
    seed: 2,
  },
  {
    mistake: "the verification of a manifest is not remembered",
    file: "responders/task_manifest_responder.ts",
    find: 'await manifestMessageId.setMessageId(message.messageId ?? "");',
    replace: "",
    seed: 4,
  },
  {
    mistake: "frames that wait for a handler are lost",
    file: "session/dispatch/frame_gate.ts",
    find: "this.#waiting.push({ frame, receivedAt, bytes });",
    replace: "",
    seed: 4,
  },
  {
    mistake: "lost answers are not noticed",
    file: "session/answer_watch.ts",
    find: "if (connections < MIN_CONNECTIONS) return undefined;",
    replace: "if (connections < Infinity) return undefined;",
    seed: 2,
  },
  {
    mistake: "a lane that was full stays full over the next connections",
    file: "session/dispatch/message_dispatcher.ts",
    find: "for (const lane of this.#lanes) lane.isFull = lane.hasRefused = false;",
    replace: "",
    schedule: OVERFLOW,
  },
  {
    mistake: "a copy of a message that is being handled is handled, too",
    file: "session/dispatch/message_dispatcher.ts",
    find: "if (copy !== undefined) copy.isRedelivered = true;",
    replace: "if (copy === null) copy.isRedelivered = true;",
    seed: 5,
  },
  {
    mistake: "the memory of handled messages is never released",
    file: "session/dispatch/lane.ts",
    find: "    this.#size -= size;\n    this.#bytes -= bytes;",
    replace: "    this.#size -= size;",
    seed: 3,
  },
  {
    mistake: "a payload's credentials are acknowledged and not stored",
    file: "responders/payload_credentials.ts",
    find: "const set = manager.setTaskCredentials({ arn, roleType, iamRoleCredentials });",
    replace: "const set = undefined;",
    seed: 2,
  },
  {
    mistake: "the credentials of stopped tasks are kept",
    file: "responders/payload_responder.ts",
    find: "background(() => removeTasksCredentials(stopped, manager));",
    replace: "",
    seed: 2,
  },
  {
    mistake: "a redelivered payload brings the credentials of a stopped task back",
    file: "responders/stopped_tasks.ts",
    find: "return this.#arns.has(taskArn);",
    replace: "return false;",
    schedule: FOUND["credentials of a stopped task"],
  },
  {
    mistake: "a session is ready between connections, however long it takes",
    file: "session/health.ts",
    find: "if (reconnectingForMs <= timing.reconnectGraceMs) {",
    replace: "if (reconnectingForMs <= 600_000) {",
    seed: 5,
  },
  {
    mistake: "the delay is reset by lanes that overflow although no answer arrives",
    file: "session/reconnect_policy.ts",
    find: 'if (end.kind === "lane-overflow" && !lostAnswers) this.#backoffs = 0;',
    replace: 'if (end.kind === "lane-overflow") this.#backoffs = 0;',
    schedule: FOUND["storm of overflows"],
  },
  {
    mistake: "a connection that has filled a lane is called silent",
    file: "session/reconnect_policy.ts",
    find: 'if (end.kind === "lane-overflow") this.#silentInARow = 0;',
    replace: "",
    schedule: FOUND["silence before an overflow"],
  },
  {
    mistake: "answers in transit prolong the loss of earlier ones",
    file: "session/answer_watch.ts",
    find: "if (wasLost && connections < MIN_CONNECTIONS) return undefined;",
    replace: "",
    schedule: FOUND["answers in transit"],
  },
  {
    mistake: "a session is ready although messages wait for minutes",
    file: "session/health.ts",
    find: "if (lane.backlogged) {",
    replace: "if (lane.backlogged && false) {",
    schedule: OVERFLOW,
  },
  {
    mistake: "a session is ready although a lane rejects messages",
    file: "session/health.ts",
    find: "if (lane.refusing) {",
    replace: "if (lane.refusing && false) {",
    schedule: OVERFLOW,
  },
  {
    mistake: "a payload's credentials replace newer ones",
    file: "responders/payload_credentials.ts",
    find: "if (hasNewer(manager, credentialsId, iamRoleCredentials)) continue;",
    replace: "",
    schedule: FAILED_PAYLOAD,
  },
  {
    mistake: "a message from before a suspension counts as recent",
    file: "session/session_status.ts",
    find: "this.#suspendedMs += Math.max(",
    replace: "this.#suspendedMs += 0 * Math.max(",
    schedule: FOUND["garbage after a suspension"],
  },
  {
    mistake: "a message that was not answered over the last connection shows that answers are lost",
    file: "session/answer_watch.ts",
    find: "if (this.#unanswered?.has(messageId)) return undefined;",
    replace: "",
    schedule: FOUND["a handler that fails once answers arrive again"],
  },
  {
    mistake: "keys that arrive late are not used",
    file: "wsclient/signing/credential_source.ts",
    find: "if (call.isLate && !this.#needsFresh) {",
    replace: "if (call.isLate && call === undefined) {",
  },
  {
    mistake: "a handler's error is reported with the secrets of its message",
    file: "session/dispatch/job_runner.ts",
    find: "describeError(error, secretsIn(message))",
    replace: "describeError(error)",
  },
  {
    mistake: "deadlines are measured by the wall clock",
    file: "wsclient/deadlines.ts",
    find: "performance.now()",
    replace: "Date.now()",
  },
  {
    mistake: "a lane waits for the event loop until it is full",
    file: "session/dispatch/lane.ts",
    find: "const FILLED = 1 / 2;",
    replace: "const FILLED = 2;",
    schedule: BLOCKING,
  },
  {
    mistake: "a connection counts as silent after half the time",
    file: "wsclient/idle_timer.ts",
    find: "addJitter(idleTimeoutMs, idleJitterMs, this.#random)",
    replace: "addJitter(idleTimeoutMs / 2, idleJitterMs, this.#random)",
  },
  {
    mistake: "a wait ends after half of its delay",
    file: "session/session_loop.ts",
    find: "await delay(decision.delayMs, turn)",
    replace: "await delay(decision.delayMs / 2, turn)",
  },
];
