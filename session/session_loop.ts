/**
 * The loop of a session: attempt, serve, wait, attempt again.
 *
 * @module
 */

import { delay } from "../internal/delay.ts";
import { toError } from "../internal/redaction/describe_error.ts";
import { abortable, timeLimit } from "../internal/time_limit.ts";
import { Discovery } from "./discovery/discovery.ts";
import { drain } from "./drain.ts";
import type { AttemptOutcome } from "./reconnect_policy.ts";
import type { AttemptPhase } from "./reporting/session_reporter.ts";
import { SessionConnection } from "./session_connection.ts";
import type { SessionContext } from "./session_context.ts";
import type { SessionHealth, SessionState, SessionTimes } from "./state.ts";
import { SuspendWatch } from "./suspend_watch.ts";

/** Runs one session. */
export class SessionLoop {
  readonly #context: SessionContext;
  readonly #discovery: Discovery;
  /**
   * Aborts the discovery, connection attempt or delay in progress, so that the next attempt begins.
   * Released during a connection, which may last for hours.
   */
  #turn: AbortController | undefined;
  #drained: Promise<void> | undefined;
  #sendCredentials = true;

  /**
   * Prepares the loop; {@linkcode SessionLoop.run} starts it.
   *
   * @param context The parts of the session.
   */
  constructor(context: SessionContext) {
    this.#context = context;
    this.#discovery = new Discovery(context);
  }

  /** What the session is doing. */
  get state(): SessionState {
    return this.#context.status.state;
  }

  /** When it connected and lost its connection. */
  get times(): SessionTimes {
    return this.#context.status.times;
  }

  /** A snapshot for a readiness probe. */
  health(): SessionHealth {
    return this.#context.status.health(this.#context.dispatcher);
  }

  /**
   * Connects again and again until it is stopped; then lets running handlers finish.
   *
   * @param stop Stops it; may already be aborted.
   * @returns Resolves when it has stopped. Errors from the network and the service do not end it.
   */
  async run(stop: AbortSignal): Promise<void> {
    const { status, options: { timing } } = this.#context;
    const watch = new SuspendWatch(timing.minSuspensionMs, (ms) => this.#suspended(ms));
    const onStop = () => {
      // There is no next attempt to speed up, and the handlers keep their connection.
      watch.clear();
      this.#turn?.abort(stop.reason);
    };
    stop.addEventListener("abort", onStop, { once: true });
    try {
      while (!stop.aborted) {
        const outcome = await this.#attempt(stop, watch);
        if (!stop.aborted) await this.#waitAfter(outcome);
      }
    } finally {
      watch.clear();
    }
    await this.#drain();
    status.stopped(stop.reason);
  }

  async #attempt(stop: AbortSignal, watch: SuspendWatch): Promise<AttemptOutcome> {
    let stage: AttemptPhase = "discover";
    try {
      const endpoint = await this.#discovery.findAcs(this.#beginTurn());
      stage = "connect";
      return await this.#serve(await this.#connect(endpoint), stop, watch);
    } catch (thrown) {
      if (this.#turn?.signal.aborted) return { kind: "suspended" };
      const error = toError(thrown);
      this.#context.status.attemptFailed(stage, error);
      return { kind: "failed", stage, error };
    }
  }

  #beginTurn(): AbortSignal {
    this.#turn = new AbortController();
    return this.#turn.signal;
  }

  /** Returns the signal of the current turn, or begins a new turn. */
  #turnSignal(): AbortSignal {
    return this.#turn?.signal ?? this.#beginTurn();
  }

  async #connect(endpoint: string): Promise<SessionConnection> {
    const signal = this.#turnSignal();
    const options = { endpoint, sendCredentials: this.#sendCredentials, signal };
    const connection = await SessionConnection.connect(this.#context, options);
    this.#sendCredentials = false;
    this.#turn = undefined;
    return connection;
  }

  async #serve(
    connection: SessionConnection,
    stop: AbortSignal,
    watch: SuspendWatch,
  ): Promise<AttemptOutcome> {
    const { current } = this.#context;
    let left: Promise<void> | undefined;
    const onStop = () => left = this.#drain().then(() => this.#close(connection));
    current.set(connection);
    try {
      const served = connection.serve((receivedAt) => watch.frameReceived(receivedAt));
      if (stop.aborted) onStop();
      else stop.addEventListener("abort", onStop, { once: true });
      return await served;
    } finally {
      stop.removeEventListener("abort", onStop);
      current.set(undefined);
      void connection.leave("Failed");
      // If the process exited now, the close frame would be lost.
      await left;
    }
  }

  async #waitAfter(outcome: AttemptOutcome): Promise<void> {
    const { status, policy } = this.#context;
    const turn = this.#turnSignal();
    const decision = policy.decide(outcome);
    if (outcome.kind === "ended" && decision.useless) {
      status.wasUseless(outcome.end, outcome.livedMs);
    }
    if (decision.reason === "inactive") this.#reportInactive();
    if (decision.rediscover) this.#discovery.doubtEndpoint();
    if (decision.delayMs === 0) return;
    status.waiting(decision);
    await delay(decision.delayMs, turn).catch(() => {
      // Stopped, which the loop's condition checks, or suspended, which was delay enough.
    });
  }

  /** The next attempt is due now; nothing known from before the suspension counts. */
  #suspended(suspendedMs: number): void {
    const { reporter, status, credentials, policy, current } = this.#context;
    status.suspended(suspendedMs);
    reporter.suspended(suspendedMs);
    credentials.suspended();
    policy.reset();
    current.leave("Suspended", { kind: "suspended" });
    this.#turn?.abort(new Error("the machine was suspended"));
  }

  /** Handles no more messages, and lets running handlers finish, connected or not. */
  #drain(): Promise<void> {
    this.#drained ??= drain(this.#context);
    return this.#drained;
  }

  async #close(connection: SessionConnection): Promise<void> {
    const { closeTimeoutMs } = this.#context.options.timing;
    const limit = timeLimit(closeTimeoutMs, () => new Error("the peer has not answered"));
    await abortable(connection.leave("Stopped"), limit.signal).catch(() => {
      // The close frame was sent; an answer is not necessary.
    });
    limit.clear();
  }

  #reportInactive(): void {
    const { options, status, reporter } = this.#context;
    reporter.inactive();
    // The reason is known, so waiting for an hour does not count as a failure.
    status.succeeded("connect");
    Promise.resolve()
      .then(() => options.inactiveInstanceCallback?.())
      .catch((error) => reporter.callbackFailed(error));
  }
}
