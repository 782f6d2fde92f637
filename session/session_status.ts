/**
 * What a session is doing, since when, and whether it is healthy.
 *
 * @module
 */

import { safeGet, safeText } from "../internal/safe_get.ts";
import { stopwatch } from "../internal/stopwatch.ts";
import type { AnswerWatch } from "./answer_watch.ts";
import type { LaneHealth } from "./dispatch/lane.ts";
import { reachProblems, type ReadinessInput, readinessProblems } from "./health.ts";
import type { ReconnectDecision, ReconnectPolicy } from "./reconnect_policy.ts";
import { FailureTracker } from "./reporting/failure_tracker.ts";
import type { AttemptPhase, SessionReporter } from "./reporting/session_reporter.ts";
import type { SessionConnectionEnd } from "./session_connection_end.ts";
import type {
  BackgroundHealth,
  HealthError,
  SessionHealth,
  SessionState,
  SessionTimes,
} from "./state.ts";
import type { SessionTiming } from "./timing.ts";
import { UselessConnectionError } from "./useless_connection_error.ts";

/** The inputs of a session's status. */
export interface SessionStatusOptions {
  /** Its time constants. */
  readonly timing: SessionTiming;
  /** Reports every change. */
  readonly reporter: SessionReporter;
  /** Conclusions from the recent connections. */
  readonly policy: ReconnectPolicy;
  /** Whether answers arrive. */
  readonly answers: AnswerWatch;
}

/** The parts of a session's health that are known elsewhere. */
export interface WorkHealth {
  /** Whether the session has been requested to stop. */
  readonly isStopping: boolean;
  /** Its lanes. */
  readonly lanes: readonly LaneHealth[];
  /** Its background work. */
  readonly background: BackgroundHealth;
}

/** The status of one session. Every change of its state is reported. */
export class SessionStatus {
  readonly #options: SessionStatusOptions;
  readonly #failures: Readonly<Record<AttemptPhase, FailureTracker>>;
  #state: SessionState = { status: "idle" };
  #attempts = 0;
  #times: SessionTimes = {};
  #lastError: Error | undefined;
  /** When the last frame was received or the connection opened, in ms of `performance.now()`. */
  #lastReceivedAt: number | undefined;
  /** Counts connections, and says on which one the last message arrived. */
  #connections = 0;
  #messageConnection = -Infinity;
  /** When it arrived, in ms of `performance.now()`. */
  #lastMessageAt: number | undefined;
  /** How much older it is than the monotonic clock says, in ms: the machine was suspended. */
  #suspendedMs = 0;
  #connectedForMs: () => number = stopwatch();
  #disconnectedForMs: (() => number) | undefined;
  /** Whether the last connection ended cleanly and nothing has failed since. */
  #isRoutine = false;

  constructor(options: SessionStatusOptions) {
    this.#options = options;
    const { timing, reporter } = options;
    const tracker = (stage: AttemptPhase) =>
      new FailureTracker(
        timing.failureReportIntervalMs,
        (failure) => reporter.failing(stage, failure),
      );
    this.#failures = { discover: tracker("discover"), connect: tracker("connect") };
  }

  /** What the session is doing. */
  get state(): SessionState {
    return this.#state;
  }

  /** When it connected and lost its connection. */
  get times(): SessionTimes {
    return this.#times;
  }

  /**
   * An attempt begins.
   *
   * @param host The host of the ECS API.
   * @param cached Whether the endpoint of ACS is known, so that ECS is not called.
   */
  discovering(host: string, cached: boolean): void {
    this.#attempts += 1;
    this.#set({ status: "discovering", since: Date.now() });
    this.#options.reporter.discovering({ attempt: this.#attempts, host, cached });
  }

  /** A connection is being opened. */
  connecting(host: string): void {
    this.#set({ status: "connecting", since: Date.now(), host });
  }

  /**
   * A connection is open.
   *
   * @param host The host.
   * @param connectMs How long that took, in ms.
   */
  connected(host: string, connectMs: number): void {
    const now = Date.now();
    const lastConnectedAt = new Date(now);
    const { firstConnectedAt = lastConnectedAt } = this.#times;
    this.#times = { ...this.#times, firstConnectedAt, lastConnectedAt };
    this.#connections += 1;
    this.#connectedForMs = stopwatch();
    this.#isRoutine = false;
    this.#lastError = undefined;
    this.#lastReceivedAt = performance.now();
    this.succeeded("discover");
    this.#set({ status: "connected", since: now, host });
    const disconnectedMs = this.#disconnectedForMs?.();
    this.#options.reporter.connected({ host, connectMs, disconnectedMs });
  }

  /**
   * A frame of any kind was received.
   *
   * @param receivedAt When, in ms of `performance.now()`.
   */
  frameReceived(receivedAt: number): void {
    this.#lastReceivedAt = receivedAt;
  }

  /**
   * A message was received that does not refuse the connection.
   *
   * @param receivedAt When, in ms of `performance.now()`.
   */
  messageReceived(receivedAt: number): void {
    this.#lastMessageAt = receivedAt;
    this.#suspendedMs = 0;
    this.#messageConnection = this.#connections;
    if (this.#failures.connect.failing === undefined) return;
    // A connection is a success when it is useful, not when it is open.
    if (reachProblems(this.#readiness(IDLE)).length === 0) this.succeeded("connect");
  }

  /**
   * The machine was suspended: the last message is older than the monotonic clock says. A clock that
   * was set forward looks the same, so the next connection has the idle timeout to deliver one.
   *
   * @param suspendedMs For how long, in ms.
   */
  suspended(suspendedMs: number): void {
    const youngerMs = this.#options.timing.idleJitterMs - this.#messageAgeMs;
    this.#suspendedMs += Math.max(0, Math.min(suspendedMs, youngerMs));
  }

  /**
   * The connection has ended.
   *
   * @param clean Whether it ended cleanly.
   */
  disconnected(clean: boolean): void {
    this.#times = { ...this.#times, lastDisconnectedAt: new Date() };
    this.#disconnectedForMs = stopwatch();
    this.#isRoutine = clean;
  }

  /** The connection that ended was useless, so monitoring treats it as a failed attempt. */
  wasUseless(end: SessionConnectionEnd, livedMs: number): void {
    this.failed("connect", new UselessConnectionError(end, livedMs));
  }

  /** The next attempt waits. */
  waiting(decision: ReconnectDecision): void {
    const { delayMs, reason } = decision;
    this.#isRoutine = false;
    this.#set({ status: "waiting", since: Date.now(), delayMs, reason });
    this.#options.reporter.waiting(decision);
  }

  /** The session has ended, for that reason. */
  stopped(reason: unknown): void {
    this.succeeded("discover");
    this.succeeded("connect");
    this.#set({ status: "stopped", since: Date.now() });
    this.#options.reporter.stopped(reason);
  }

  /** An attempt has failed; without discovery there is no connection either. */
  attemptFailed(stage: AttemptPhase, error: Error): void {
    this.#isRoutine = false;
    this.#lastError = error;
    if (stage === "discover") this.failed("discover", error);
    this.failed("connect", error);
    this.#options.reporter.attemptFailed(stage, error);
  }

  /** One phase has failed. */
  failed(stage: AttemptPhase, error: unknown): void {
    this.#failures[stage].recordFailure(error);
  }

  /** One phase has succeeded, or is known not to fail on its own. */
  succeeded(stage: AttemptPhase): void {
    this.#failures[stage].recordSuccess();
  }

  /** A snapshot for a readiness probe. */
  health(work: WorkHealth): SessionHealth {
    const problems = readinessProblems(this.#readiness(work));
    const { lanes, background } = work;
    return {
      ready: problems.length === 0,
      problems: problems.map(({ text }) => text),
      reasons: problems.map(({ reason }) => reason),
      state: this.#state,
      lastReceivedAt: wallTime(this.#lastReceivedAt),
      lastMessageAt: wallTime(this.#lastMessageAt),
      lanes,
      background,
      failingHandlers: this.#options.reporter.handlers.failing,
      lastError: this.#lastError && plainError(this.#lastError),
    };
  }

  #readiness({ isStopping, lanes }: Pick<WorkHealth, "isStopping" | "lanes">): ReadinessInput {
    const { timing, policy, answers } = this.#options;
    const isRecent = this.#connections - this.#messageConnection <= 1;
    return {
      status: this.#state.status,
      isStopping,
      connectedForMs: this.#state.status === "connected" ? this.#connectedForMs() : undefined,
      reconnectingForMs: this.#isRoutine ? this.#disconnectedForMs?.() : undefined,
      messageAgeMs: isRecent ? this.#messageAgeMs : undefined,
      shortInARow: policy.shortInARow,
      silentInARow: policy.silentInARow,
      lostAnswers: answers.lost,
      lastError: this.#lastError,
      failing: {
        discover: this.#failures.discover.failing,
        connect: this.#failures.connect.failing,
      },
      lanes,
      timing,
    };
  }

  get #messageAgeMs(): number {
    return performance.now() - (this.#lastMessageAt ?? -Infinity) + this.#suspendedMs;
  }

  #set(state: SessionState): void {
    this.#state = state;
    this.#options.reporter.stateChanged(state);
  }
}

/** The time of the wall clock, in ms since the epoch, of a time of `performance.now()`. */
function wallTime(time: number | undefined): number | undefined {
  return time === undefined ? undefined : Math.round(Date.now() - (performance.now() - time));
}

function plainError(error: Error): HealthError {
  const { name, message } = error;
  const code = safeText(error, "code");
  return {
    name,
    message,
    ...(code !== undefined && { code }),
    retryable: safeGet(error, "retryable") !== false,
  };
}

/** Without background work. */
const IDLE = { isStopping: false, lanes: [] };
