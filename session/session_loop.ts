/**
 * The life of a session: attempt, serve, wait, attempt again.
 *
 * @module
 */

import type { RequestResponders } from "../responders/request_responders.ts";
import type { Respond } from "../responders/responder.ts";
import { delay } from "../internal/delay.ts";
import { toError } from "../internal/redaction/describe_error.ts";
import { abortable, timeLimit } from "../internal/time_limit.ts";
import { NotConnectedError } from "../wsclient/client.ts";
import { ClockSkew } from "../wsclient/signing/clock_skew.ts";
import { CredentialSource } from "../wsclient/signing/credential_source.ts";
import { AnswerWatch } from "./answer_watch.ts";
import { boundedRandom } from "./bounded_random.ts";
import { Discovery } from "./discovery/discovery.ts";
import { MessageDispatcher } from "./dispatch/message_dispatcher.ts";
import { messageIdOf } from "./dispatch/message_job.ts";
import { ExponentialBackoff } from "./exponential_backoff.ts";
import type { ResolvedSessionOptions } from "./options.ts";
import { type AttemptOutcome, ReconnectPolicy } from "./reconnect_policy.ts";
import type { SessionReporter, Stage } from "./reporting/session_reporter.ts";
import { SessionConnection, type SessionContext } from "./session_connection.ts";
import { SessionStatus } from "./session_status.ts";
import type { SessionHealth, SessionState, SessionTimes } from "./state.ts";
import { SuspendWatch } from "./suspend_watch.ts";

/** Lives one session. */
export class SessionLoop {
  readonly #context: SessionContext;
  readonly #discovery: Discovery;
  readonly #policy: ReconnectPolicy;
  /** The connection that is being served. */
  #connection: SessionConnection | undefined;
  /** Aborts the discovery, the connect or the delay under way: the next attempt is due. */
  #turn: AbortController = new AbortController();
  #drained: Promise<void> | undefined;
  #sendCredentials = true;

  /**
   * Prepares it; {@linkcode SessionLoop.run} begins.
   *
   * @param given The session's options.
   * @param responders Who answers what.
   * @param reporter Reports what happens.
   */
  constructor(
    given: ResolvedSessionOptions,
    responders: RequestResponders,
    reporter: SessionReporter,
  ) {
    const options = { ...given, random: boundedRandom(given.random) };
    const { timing, limits, random } = options;
    const { backoffMinMs: minMs, backoffMaxMs: maxMs } = timing;
    const backoff = new ExponentialBackoff({ minMs, maxMs, random });
    const policy = new ReconnectPolicy({ ...timing, random, backoff });
    const answers = new AnswerWatch(timing.idleTimeoutMs + timing.idleJitterMs);
    const status = new SessionStatus({ timing, reporter, policy, answers });
    const clockSkew = new ClockSkew(timing.maxClockSkewMs);
    const credentials = new CredentialSource(options.credentials, clockOf(clockSkew));
    const dispatcher = new MessageDispatcher({
      responders,
      respond: this.#respond,
      redact: (text) => this.#connection?.redact(text) ?? text,
      limits,
      laneStuckMs: timing.laneStuckMs,
      updateStuckMs: timing.updateStuckMs,
      laneBacklogMs: timing.laneBacklogMs,
      listener: reporter,
      onCaughtUp: (lane) => {
        void this.#connection?.leave(`LaneOverflow: ${lane}`, { kind: "caught-up", lane });
      },
    });
    this.#policy = policy;
    this.#context = { options, clockSkew, credentials, dispatcher, status, answers, reporter };
    this.#discovery = new Discovery(this.#context);
  }

  /** What the session is doing. */
  get state(): SessionState {
    return this.#context.status.state;
  }

  /** When it was connected and lost its connection. */
  get times(): SessionTimes {
    return this.#context.status.times;
  }

  /** A snapshot for a readiness probe. */
  health(): SessionHealth {
    return this.#context.status.health(this.#context.dispatcher);
  }

  /**
   * Attempts, waits and attempts again until it is stopped; then lets what is being handled finish.
   *
   * @param stop Ends it; can be aborted already.
   * @returns Settles when all has ended. Errors of the network and of the service do not end it.
   */
  async run(stop: AbortSignal): Promise<void> {
    const { status, options: { timing } } = this.#context;
    const watch = new SuspendWatch(timing.minSuspensionMs, (ms) => this.#suspended(ms));
    const leave = () => {
      // From now on there is no next attempt to hurry, and handlers keep the connection that they have.
      watch.clear();
      this.#turn.abort(stop.reason);
    };
    stop.addEventListener("abort", leave, { once: true });
    try {
      while (!stop.aborted) {
        this.#turn = new AbortController();
        const turn = this.#turn.signal;
        const outcome = await this.#attempt(turn, stop);
        if (!stop.aborted) await this.#waitAfter(outcome, turn);
      }
    } finally {
      watch.clear();
    }
    await this.#drain();
    status.stopped(stop.reason);
  }

  async #attempt(turn: AbortSignal, stop: AbortSignal): Promise<AttemptOutcome> {
    let stage: Stage = "discover";
    let connection: SessionConnection | undefined;
    try {
      const endpoint = await this.#discovery.findAcs(turn);
      stage = "connect";
      connection = new SessionConnection(this.#context, endpoint, this.#sendCredentials);
      await connection.connect(turn);
      this.#sendCredentials = false;
      return await this.#serve(connection, stop);
    } catch (thrown) {
      void connection?.leave("Failed");
      if (turn.aborted) return { kind: "suspended" };
      const error = toError(thrown);
      this.#context.status.attemptFailed(stage, error);
      return { kind: "failed", stage, error };
    }
  }

  async #serve(connection: SessionConnection, stop: AbortSignal): Promise<AttemptOutcome> {
    let left: Promise<void> | undefined;
    const leave = () => left = this.#drain().then(() => this.#close(connection));
    this.#connection = connection;
    try {
      const served = connection.serve();
      if (stop.aborted) leave();
      else stop.addEventListener("abort", leave, { once: true });
      return await served;
    } finally {
      stop.removeEventListener("abort", leave);
      this.#connection = undefined;
      // Only a stop waits: ending the process at once would lose the close frame.
      await left;
    }
  }

  async #waitAfter(outcome: AttemptOutcome, turn: AbortSignal): Promise<void> {
    const { status } = this.#context;
    const decision = this.#policy.decide(outcome);
    if (outcome.kind === "ended" && decision.useless) {
      status.wasUseless(outcome.end, outcome.livedMs);
    }
    if (decision.reason === "inactive") this.#reportInactive();
    if (decision.rediscover) this.#discovery.doubtEndpoint();
    if (decision.delayMs === 0) return;
    status.waiting(decision);
    await delay(decision.delayMs, turn).catch(() => {
      // Stopped: the loop's condition sees it. Or suspended: it has lasted long enough.
    });
  }

  /** The next attempt is due now, whatever was under way; the past says nothing any more. */
  #suspended(suspendedMs: number): void {
    this.#context.reporter.suspended(suspendedMs);
    this.#context.credentials.suspended();
    this.#policy.startOver();
    void this.#connection?.leave("Suspended", { kind: "suspended" });
    this.#turn.abort(new Error("the machine was suspended"));
  }

  /** Hands out no more, and lets what is being handled finish, connected or not. */
  #drain(): Promise<void> {
    this.#drained ??= this.#waitForHandlers();
    return this.#drained;
  }

  async #waitForHandlers(): Promise<void> {
    const { dispatcher, reporter, options: { timing } } = this.#context;
    dispatcher.stop();
    const limit = timeLimit(timing.drainTimeoutMs, () => new Error("time is up"));
    await abortable(dispatcher.idle(), limit.signal).catch(() => reporter.drainTimedOut());
    limit.clear();
  }

  async #close(connection: SessionConnection): Promise<void> {
    const { closeTimeoutMs } = this.#context.options.timing;
    const limit = timeLimit(closeTimeoutMs, () => new Error("the peer has not answered"));
    await abortable(connection.leave("Stopped"), limit.signal).catch(() => {
      // It need not: the session has left.
    });
    limit.clear();
  }

  /** Sends on the connection that is alive now, whichever the message being answered came by. */
  readonly #respond: Respond = (type, message) => {
    const { reporter } = this.#context;
    const messageId = messageIdOf(message);
    try {
      if (this.#connection === undefined) throw new NotConnectedError("there is no connection");
      this.#connection.send(type, message, messageId);
    } catch (error) {
      return reporter.notSent(type, messageId, error);
    }
    reporter.sent(type, messageId);
  };

  #reportInactive(): void {
    const { options, status, reporter } = this.#context;
    reporter.inactive();
    // It is known why there is no connection: the hour of waiting is not a failure that lasts.
    status.succeeded("connect");
    Promise.resolve()
      .then(() => options.inactiveInstanceCallback?.())
      .catch((error) => reporter.callbackFailed(error));
  }
}

/** Holds on to no session: a credentials function that never answers holds on to the clock. */
function clockOf(clockSkew: ClockSkew): () => number {
  return () => clockSkew.now();
}
