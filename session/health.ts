/**
 * Judges whether a session is well.
 *
 * @module
 */

import { describeError } from "../internal/redaction/describe_error.ts";
import type { LastingFailure } from "./reporting/failure_tracker.ts";
import type { LaneHealth } from "./dispatch/lane.ts";
import type { BackgroundHealth, SessionHealth, SessionState } from "./state.ts";
import type { SessionTiming } from "./timing.ts";

/** What the judgement goes by. */
export interface SessionHealthInput {
  /** What the session is doing. */
  readonly state: SessionState;
  /** Whether it has been told to stop: it takes no more messages. */
  readonly stopping: boolean;
  /** Its lanes. */
  readonly lanes: readonly LaneHealth[];
  /** Its work in the background. */
  readonly background: BackgroundHealth;
  /** When it last received a frame, in ms since the epoch. */
  readonly lastReceivedAt: number | undefined;
  /** Why its last attempt failed. */
  readonly lastError: Error | undefined;
  /** What is failing. */
  readonly failing: {
    readonly discover: LastingFailure | undefined;
    readonly connect: LastingFailure | undefined;
  };
  /** Its time constants. */
  readonly timing: SessionTiming;
}

/** Makes a snapshot of a session's health. */
export function sessionHealth(input: SessionHealthInput): SessionHealth {
  const problems = [...findProblems(input)];
  const { state, lastReceivedAt, lanes, background, lastError } = input;
  const ready = problems.length === 0;
  return { ready, problems, state, lastReceivedAt, lanes, background, lastError };
}

function* findProblems(input: SessionHealthInput): Iterable<string> {
  const { state, stopping, lanes, lastReceivedAt, lastError, failing, timing } = input;
  if (stopping && state.status !== "stopped") yield "stopping";
  if (state.status !== "connected") yield `not connected: ${state.status}`;
  if (state.status !== "connected" && lastError !== undefined) yield describeError(lastError);
  const idleLimitMs = timing.idleTimeoutMs + timing.idleJitterMs;
  if (lastReceivedAt !== undefined && Date.now() - lastReceivedAt > idleLimitMs) {
    yield `nothing received for ${Date.now() - lastReceivedAt} ms`;
  }
  for (const stage of ["discover", "connect"] as const) {
    const failure = failing[stage];
    if (failure === undefined || state.status === "connected") continue;
    yield `failing to ${stage} since ${new Date(failure.since).toISOString()}`;
  }
  for (const lane of lanes) {
    if (lane.stuck) yield `the lane ${lane.name} is stuck for ${lane.oldestAgeMs} ms`;
    if (lane.backlogged) {
      yield `a message has been waiting in the lane ${lane.name} for ${lane.oldestWaitingMs} ms`;
    }
    if (lane.refusing) yield `the lane ${lane.name} is full and refuses messages`;
  }
}
