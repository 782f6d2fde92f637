/**
 * The rule for when a session is ready, and the reasons why it is not.
 *
 * @module
 */

import { describeError } from "../internal/redaction/describe_error.ts";
import type { LaneHealth } from "./dispatch/lane.ts";
import type { LostAnswers } from "./answer_watch.ts";
import type { OngoingFailure } from "./reporting/failure_tracker.ts";
import type { AttemptPhase } from "./reporting/session_reporter.ts";
import type { HealthProblem, SessionState } from "./state.ts";
import type { SessionTiming } from "./timing.ts";

/** The inputs of readiness. All ages are measured by the monotonic clock, in ms. */
export interface ReadinessInput {
  /** What the session is doing. */
  readonly status: SessionState["status"];
  /** Whether it was requested to stop: it accepts no more messages. */
  readonly isStopping: boolean;
  /** How long the connection has been open. Missing without one. */
  readonly connectedForMs?: number | undefined;
  /**
   * How long ago the last connection ended, if it ended cleanly, and the next attempt followed
   * immediately and has not failed; otherwise missing.
   */
  readonly reconnectingForMs?: number | undefined;
  /**
   * How long ago a message arrived that only a working service sends, on this connection or the one
   * before. Missing if there was none.
   */
  readonly messageAgeMs?: number | undefined;
  /** How many connections in a row were too short. */
  readonly shortInARow: number;
  /** How many connections have ended in silence since the last useful one. */
  readonly silentInARow: number;
  /** The message that shows that answers are lost. */
  readonly lostAnswers?: LostAnswers | undefined;
  /** Why the last attempt failed. */
  readonly lastError?: Error | undefined;
  /** Ongoing failures. */
  readonly failing: { readonly [S in AttemptPhase]?: OngoingFailure | undefined };
  /** The session's lanes. */
  readonly lanes: readonly LaneHealth[];
  /** Its time constants. */
  readonly timing: SessionTiming;
}

/** Everything that keeps a session from being ready; empty if it is ready. */
export function readinessProblems(input: ReadinessInput): HealthProblem[] {
  const { status, isStopping } = input;
  const problems: HealthProblem[] = [];
  if (isStopping && status !== "stopped") problems.push({ reason: "stopping", text: "stopping" });
  problems.push(...reachProblems(input), ...input.lanes.flatMap(laneProblems));
  return problems;
}

/** Everything that may prevent a message from the service, or its answer, from getting through. */
export function reachProblems(input: ReadinessInput): HealthProblem[] {
  if (input.status === "connected") return connectionProblems(input);
  const { reconnectingForMs = Infinity, timing } = input;
  // A routine close is not a reason to take an agent out of service for a brief reconnect.
  if (reconnectingForMs <= timing.reconnectGraceMs) {
    return [...silenceProblems(input), ...answerProblems(input)];
  }
  return disconnectedProblems(input);
}

function disconnectedProblems({ status, lastError, failing }: ReadinessInput): HealthProblem[] {
  const problems: HealthProblem[] = [
    { reason: "not-connected", text: `not connected: ${status}` },
  ];
  if (lastError !== undefined) {
    problems.push({ reason: "not-connected", text: describeError(lastError) });
  }
  // Without discovery there is no connection: that is one problem.
  const stage = failing.discover === undefined ? "connect" : "discover";
  const failure = failing[stage];
  if (failure === undefined) return problems;
  const since = new Date(failure.since).toISOString();
  return [...problems, { reason: "failing", text: `failing to ${stage} since ${since}` }];
}

function connectionProblems(input: ReadinessInput): HealthProblem[] {
  const { connectedForMs = 0, shortInARow, silentInARow, timing } = input;
  const problems = silenceProblems(input);
  const { minUsefulConnectionMs, idleTimeoutMs } = timing;
  const lastMessageAfterMs = connectedForMs - (input.messageAgeMs ?? Infinity);
  if (problems.length === 0 && silentInARow >= 2 && lastMessageAfterMs < idleTimeoutMs) {
    const text = `the last ${silentInARow} connections fell silent, and no message has arrived` +
      ` over this one since its first ${idleTimeoutMs} ms`;
    problems.push({ reason: "silent", text });
  }
  if (shortInARow >= 2 && connectedForMs < minUsefulConnectionMs) {
    const text =
      `the last ${shortInARow} connections lasted less than ${minUsefulConnectionMs} ms,` +
      ` and this one has not lasted longer yet`;
    problems.push({ reason: "short-lived", text });
  }
  problems.push(...answerProblems(input));
  return problems;
}

function answerProblems({ lostAnswers }: ReadinessInput): HealthProblem[] {
  if (lostAnswers === undefined) return [];
  const { type, connections } = lostAnswers;
  const text = `answers do not arrive: a ${type} was redelivered although it was answered over` +
    ` ${connections} connections`;
  return [{ reason: "answers-lost", text }];
}

function laneProblems(lane: LaneHealth): HealthProblem[] {
  const problems: HealthProblem[] = [];
  if (lane.stuck) {
    const text = `the lane ${lane.name} has been stuck for ${Math.round(lane.oldestAgeMs)} ms`;
    problems.push({ reason: "stuck", text });
  }
  if (lane.backlogged) {
    const waitingMs = Math.round(lane.oldestWaitingMs);
    const text = `a message has been waiting in the lane ${lane.name} for ${waitingMs} ms`;
    problems.push({ reason: "backlogged", text });
  }
  if (lane.refusing) {
    const text = `the lane ${lane.name} is full and refuses messages`;
    problems.push({ reason: "overflow", text });
  }
  return problems;
}

function silenceProblems({ messageAgeMs, timing }: ReadinessInput): HealthProblem[] {
  if (messageAgeMs === undefined) {
    return [{ reason: "silent", text: "no message from the service has arrived yet" }];
  }
  if (messageAgeMs <= timing.idleTimeoutMs + timing.idleJitterMs) return [];
  const text = `no message from the service has arrived for ${Math.round(messageAgeMs)} ms`;
  return [{ reason: "silent", text }];
}
