/**
 * The session of one container instance with ACS: connect, receive, stay, reconnect, stop.
 *
 * @module
 */

import type { CredentialsManager } from "../responders/credentials_manager.ts";
import type { RequestResponders } from "../responders/request_responders.ts";
import type { RequestResponder, Respond } from "../responders/responder.ts";
import { acsUrl } from "../wsclient/acs_url.ts";
import { type ConnectionEnd, NotConnectedError, WsClient } from "../wsclient/client.ts";
import { ClockSkew } from "../wsclient/clock_skew.ts";
import type { DecodedMessage } from "../wsclient/decode.ts";
import { toError } from "../wsclient/describe_error.ts";
import type { ReceivedMessageType } from "../wsclient/messages.ts";
import { SERVICE_EXCEPTION_NAMES } from "../wsclient/service_exception.ts";
import { abortable, timeLimit } from "../wsclient/time_limit.ts";
import { delay } from "./delay.ts";
import { discoverPollEndpoint, type DiscoverPollEndpointOutput } from "./discover_poll_endpoint.ts";
import type { ListenOptions, SessionEventListener, SessionEventMap } from "./events.ts";
import { ExponentialBackoff } from "./exponential_backoff.ts";
import { FailureTracker } from "./failure_tracker.ts";
import { sessionHealth } from "./health.ts";
import { MessageDispatcher, messageIdOf } from "./message_dispatcher.ts";
import { traced } from "./metrics.ts";
import { type ResolvedSessionOptions, resolveOptions, type SessionOptions } from "./options.ts";
import { PollEndpointCache } from "./poll_endpoint_cache.ts";
import { type AttemptOutcome, isCleanEnd, ReconnectPolicy } from "./reconnect_policy.ts";
import { SessionReporter, type Stage } from "./session_reporter.ts";
import { sessionResponders } from "./session_responders.ts";
import type { SessionHealth, SessionState } from "./state.ts";

/**
 * After so many attempts in a row that brought no message, ECS is asked again where ACS is. Ours: the
 * reference keeps an endpoint that has gone bad for the rest of its 12 h.
 */
const USELESS_ATTEMPTS_BEFORE_REDISCOVERY = 3;

/** Messages that say no: a peer that sends nothing else is not worth coming back to at once. */
const REFUSALS: ReadonlySet<string> = new Set(["ErrorMessage", ...SERVICE_EXCEPTION_NAMES]);

/** The times that a session remembers; each is missing until it has happened. */
export interface SessionTimes {
  /** When it was first connected. */
  readonly firstConnectedAt?: Date;
  /** When it was last connected. */
  readonly lastConnectedAt?: Date;
  /** When it last lost its connection. */
  readonly lastDisconnectedAt?: Date;
}

/**
 * Holds one container instance's session with ACS.
 *
 * @example
 * ```ts ignore
 * import { Session } from "@acs/session";
 *
 * const stop = new AbortController();
 * const session = new Session({
 *   region: "us-west-2",
 *   containerInstanceArn: "arn:aws:ecs:us-west-2:123456789012:container-instance/default/0123",
 *   credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "example" },
 *   agentVersion: "1.0.0",
 *   payloadMessageHandler: {
 *     async processMessage(message, ack) {
 *       for (const task of message.tasks ?? []) console.log("take", task?.arn);
 *       await ack();
 *     },
 *   },
 * });
 * session.addEventListener("connected", ({ detail }) => console.log("connected to", detail.host));
 * await session.start({ signal: stop.signal });
 * ```
 */
export class Session {
  readonly #options: ResolvedSessionOptions;
  readonly #reporter: SessionReporter = new SessionReporter();
  readonly #responders: RequestResponders;
  readonly #dispatcher: MessageDispatcher;
  readonly #clockSkew: ClockSkew = new ClockSkew();
  readonly #endpoints: PollEndpointCache;
  readonly #policy: ReconnectPolicy;
  readonly #failures: Readonly<Record<Stage, FailureTracker>>;
  readonly #stop: AbortController = new AbortController();
  #state: SessionState = { status: "idle" };
  #times: SessionTimes = {};
  #running: Promise<void> | undefined;
  #drained: Promise<void> | undefined;
  #client: WsClient | undefined;
  #receivedMessage = false;
  #lastReceivedAt: number | undefined;
  #lastError: Error | undefined;
  #uselessAttemptsInARow = 0;
  #sendCredentials = true;

  /**
   * Checks the options; nothing happens before {@linkcode Session.start}.
   *
   * @param options What the session is made of.
   * @throws {RangeError} If an option cannot work; the message names it.
   */
  constructor(options: SessionOptions) {
    this.#options = resolveOptions(options);
    const { timing, laneLimits, random } = this.#options;
    const reporter = this.#reporter;
    this.#responders = sessionResponders(this.#options, () => reporter.taskStopped());
    this.#dispatcher = new MessageDispatcher({
      responders: this.#responders,
      respond: this.#respond,
      laneLimits,
      laneStuckMs: timing.laneStuckMs,
      listener: {
        dropped: (job, reason, description) => reporter.jobDropped(job, reason, description),
        handled: (job, outcome, durationMs) => reporter.handled(job, outcome, durationMs),
        stuck: (lane, job) => reporter.stuck(lane, job),
        backgroundFailed: (job, description) => reporter.backgroundFailed(job, description),
        overflowed: (lane) => {
          reporter.overflowed(lane);
          void this.#client?.close(`LaneOverflow: ${lane}`);
        },
      },
    });
    this.#endpoints = new PollEndpointCache(
      (signal) => this.#askEcs(signal),
      timing.endpointCacheTtlMs,
    );
    const { backoffMinMs: minMs, backoffMaxMs: maxMs } = timing;
    const backoff = new ExponentialBackoff({ minMs, maxMs, random });
    this.#policy = new ReconnectPolicy({ ...timing, random, backoff });
    const tracker = (stage: Stage) =>
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

  /** When it was connected and lost its connection. */
  get times(): SessionTimes {
    return this.#times;
  }

  /** Where the tasks' credentials are: what the options gave, or in memory. */
  get credentialsManager(): CredentialsManager {
    return this.#options.credentialsManager;
  }

  /**
   * A snapshot for a readiness probe: ready only when connected, heard from within the idle limit,
   * and no lane stuck.
   */
  health(): SessionHealth {
    return sessionHealth({
      state: this.#state,
      stopping: this.#stop.signal.aborted,
      lanes: this.#dispatcher.lanes,
      background: this.#dispatcher.background,
      lastReceivedAt: this.#lastReceivedAt,
      lastError: this.#lastError,
      failing: {
        discover: this.#failures.discover.failing,
        connect: this.#failures.connect.failing,
      },
      timing: this.#options.timing,
    });
  }

  /**
   * Listens to what the session tells of itself.
   *
   * @param type The kind of event.
   * @param listener Is called with each; `event.detail` has what it is about. What it throws is
   * logged and does no harm.
   * @param options `once`, `signal`, as with any event target.
   */
  addEventListener<K extends keyof SessionEventMap>(
    type: K,
    listener: SessionEventListener<K>,
    options?: ListenOptions,
  ): void {
    this.#reporter.events.addEventListener(type, listener, options);
  }

  /**
   * Stops listening.
   *
   * @param type The kind of event.
   * @param listener The listener given to {@linkcode Session.addEventListener}.
   */
  removeEventListener<K extends keyof SessionEventMap>(
    type: K,
    listener: SessionEventListener<K>,
  ): void {
    this.#reporter.events.removeEventListener(type, listener);
  }

  /**
   * Registers a responder of the agent's own, for a type that has none or in place of one. Messages
   * of a type are handled one at a time, in the type's lane; heartbeats as they come.
   *
   * @param responder The responder.
   * @throws {RangeError} If ACS sends no message of its type.
   */
  addResponder<T extends ReceivedMessageType>(responder: RequestResponder<T>): void {
    this.#responders.add(responder);
  }

  /**
   * Runs the session until it is stopped; errors of the network and of the service never end it.
   *
   * @param options `signal` stops the session: what is being handled gets up to 5 s to finish and be
   * acknowledged, then the connection is closed with code 1000.
   * @returns Settles when {@linkcode Session.stop} has been called and done its work.
   * @throws The signal's reason, once it has aborted and the session is down.
   * @throws {Error} If the session has been started before.
   */
  start(options: { signal?: AbortSignal } = {}): Promise<void> {
    if (this.#running !== undefined) {
      return Promise.reject(new Error("The session has been started before; make a new one"));
    }
    this.#running = this.#run(options.signal);
    return this.#running;
  }

  /**
   * Stops the session as an aborted signal does.
   *
   * @returns Settles when it is down. Never rejects.
   */
  async stop(): Promise<void> {
    this.#stop.abort(new DOMException("The session was stopped", "AbortError"));
    if (this.#running === undefined) return this.#end();
    await this.#running.catch(() => {
      // The caller of start is told.
    });
  }

  /** Stops the session. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #run(signal: AbortSignal | undefined): Promise<void> {
    const stop = () => this.#stop.abort(signal?.reason);
    if (signal?.aborted) stop();
    signal?.addEventListener("abort", stop, { once: true });
    try {
      await this.#loop(this.#stop.signal);
      await this.#drain();
    } finally {
      signal?.removeEventListener("abort", stop);
      this.#end();
    }
    signal?.throwIfAborted();
  }

  /** Attempt, wait, attempt again: until the signal aborts. */
  async #loop(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const outcome = await this.#attempt(signal);
      if (signal.aborted) return;
      const decision = this.#policy.decide(outcome);
      const { reason, delayMs } = decision;
      if (reason === "inactive") this.#tellInactive();
      if (reason === "storm") this.#countUselessAttempt();
      if (delayMs === 0) continue;
      this.#setState({ status: "waiting", since: Date.now(), delayMs, reason });
      this.#reporter.waiting(decision);
      await delay(delayMs, signal).catch(() => {
        // Aborted: the loop's condition sees it.
      });
    }
  }

  async #attempt(signal: AbortSignal): Promise<AttemptOutcome> {
    try {
      const endpoint = await this.#discover(signal);
      signal.throwIfAborted();
      const client = await this.#connect(endpoint, signal);
      return await this.#serve(client, signal);
    } catch (error) {
      return { kind: "failed", error };
    }
  }

  async #discover(signal: AbortSignal): Promise<string> {
    this.#setState({ status: "discovering", since: Date.now() });
    try {
      const found = await this.#endpoints.get(signal);
      if (found.source === "expired") this.#failures.discover.recordFailure(found.error);
      else this.#failures.discover.recordSuccess();
      this.#reporter.discovered(found);
      return found.output.endpoint;
    } catch (error) {
      this.#attemptFailed("discover", error, signal);
      throw error;
    }
  }

  async #askEcs(signal: AbortSignal): Promise<DiscoverPollEndpointOutput> {
    const input = { ...this.#options, ...this.#options.timing, clockSkew: this.#clockSkew };
    try {
      const output = await traced(
        "acs.discover",
        {},
        () => discoverPollEndpoint(input, { signal }),
      );
      this.#reporter.askedEcs("success");
      return output;
    } catch (error) {
      if (!signal.aborted) this.#reporter.askedEcs("failure");
      this.#learnClockSkew(error);
      throw error;
    }
  }

  async #connect(endpoint: string, signal: AbortSignal): Promise<WsClient> {
    const startedAt = Date.now();
    const sendCredentials = this.#sendCredentials;
    try {
      const client = new WsClient({
        ...this.#options,
        ...this.#options.timing,
        clockSkew: this.#clockSkew,
        url: acsUrl(endpoint, { ...this.#options, sendCredentials }),
      });
      const { host } = client;
      this.#setState({ status: "connecting", since: startedAt, host });
      this.#reporter.connecting(host, sendCredentials);
      await traced("acs.connect", { "server.address": host }, () => client.connect({ signal }));
      this.#reporter.connectTook(elapsedMs(startedAt), "success");
      return client;
    } catch (error) {
      if (!signal.aborted) this.#reporter.connectTook(elapsedMs(startedAt), "failure");
      this.#learnClockSkew(error);
      this.#attemptFailed("connect", error, signal);
      throw error;
    }
  }

  #connected(host: string): void {
    const now = Date.now();
    const connectMs = elapsedMs(this.#state.status === "connecting" ? this.#state.since : now);
    const { lastDisconnectedAt, firstConnectedAt } = this.#times;
    const lastConnectedAt = new Date(now);
    this.#times = {
      ...this.#times,
      firstConnectedAt: firstConnectedAt ?? lastConnectedAt,
      lastConnectedAt,
    };
    this.#failures.discover.recordSuccess();
    this.#failures.connect.recordSuccess();
    this.#sendCredentials = false;
    this.#receivedMessage = false;
    this.#lastError = undefined;
    this.#lastReceivedAt = now;
    this.#setState({ status: "connected", since: now, host });
    const disconnectedMs = lastDisconnectedAt && elapsedMs(lastDisconnectedAt.getTime());
    this.#reporter.connected({ host, connectMs, disconnectedMs });
  }

  async #serve(client: WsClient, signal: AbortSignal): Promise<AttemptOutcome> {
    this.#connected(client.host);
    const connectedAt = Date.now();
    let left: Promise<void> | undefined;
    const leave = () => left = this.#drain().then(() => this.#close(client));
    signal.addEventListener("abort", leave, { once: true });
    this.#client = client;
    const served = client.serve({ frame: (decoded, size) => this.#receive(decoded, size) });
    if (signal.aborted) leave();
    const end = await served;
    signal.removeEventListener("abort", leave);
    this.#client = undefined;
    const livedMs = elapsedMs(connectedAt);
    this.#disconnected(end, livedMs);
    // Only a stop waits: ending the process at once would lose the close frame.
    await left;
    return { kind: "ended", end, livedMs, receivedMessage: this.#receivedMessage };
  }

  #disconnected(end: ConnectionEnd, livedMs: number): void {
    this.#times = { ...this.#times, lastDisconnectedAt: new Date() };
    this.#reporter.disconnected(end, isCleanEnd(end) || this.#stop.signal.aborted, livedMs);
    if (this.#receivedMessage) this.#uselessAttemptsInARow = 0;
    // A peer that accepts and is silent or breaks off is as bad as one that does not accept.
    else if (end.kind === "idle" || end.kind === "error") this.#countUselessAttempt();
  }

  /** Hands out no more, and lets what is being handled finish, connected or not. */
  #drain(): Promise<void> {
    this.#drained ??= this.#waitForHandlers();
    return this.#drained;
  }

  async #waitForHandlers(): Promise<void> {
    this.#dispatcher.stop();
    const limit = timeLimit(this.#options.timing.drainTimeoutMs, () => new Error("time is up"));
    await abortable(this.#dispatcher.idle(), limit.signal)
      .catch(() => this.#reporter.drainTimedOut());
    limit.clear();
  }

  async #close(client: WsClient): Promise<void> {
    const { closeTimeoutMs } = this.#options.timing;
    const limit = timeLimit(closeTimeoutMs, () => new Error("the peer has not answered"));
    await abortable(client.close("Stopped"), limit.signal).catch(() => {
      // It need not: the session has left.
    });
    limit.clear();
  }

  #end(): void {
    if (this.#state.status === "stopped") return;
    this.#dispatcher.stop();
    this.#failures.discover.recordSuccess();
    this.#failures.connect.recordSuccess();
    this.#setState({ status: "stopped", since: Date.now() });
    this.#reporter.stopped(this.#stop.signal.reason);
  }

  #receive(decoded: DecodedMessage, size: number): void {
    this.#lastReceivedAt = Date.now();
    switch (decoded.kind) {
      case "message":
        if (!REFUSALS.has(decoded.type)) this.#receivedMessage = true;
        this.#reporter.received(decoded.type, messageIdOf(decoded.message), size);
        return this.#dispatcher.dispatch(decoded, size);
      case "unknown": {
        const description = `no message of type ${decoded.type} is known`;
        return this.#reporter.dropped({ reason: "unknown", description, type: decoded.type }, size);
      }
      case "undecodable":
        return this.#reporter.dropped(
          { reason: "undecodable", description: decoded.reason },
          size,
        );
    }
  }

  /** Sends on the connection that is alive now, whichever the message being answered came by. */
  readonly #respond: Respond = (type, message) => {
    const messageId = messageIdOf(message);
    try {
      if (this.#client === undefined) throw new NotConnectedError("there is no connection");
      this.#client.makeRequest(type, message);
    } catch (error) {
      return this.#reporter.notSent(type, messageId, error);
    }
    this.#reporter.sent(type, messageId);
  };

  #attemptFailed(stage: Stage, thrown: unknown, signal: AbortSignal): void {
    if (signal.aborted) return;
    const error = toError(thrown);
    this.#lastError = error;
    if (stage === "discover") this.#failures.discover.recordFailure(error);
    this.#failures.connect.recordFailure(error);
    if (stage === "connect") this.#countUselessAttempt();
    this.#reporter.attemptFailed(stage, error);
  }

  #countUselessAttempt(): void {
    this.#uselessAttemptsInARow += 1;
    if (this.#uselessAttemptsInARow % USELESS_ATTEMPTS_BEFORE_REDISCOVERY === 0) {
      this.#endpoints.expire();
    }
  }

  #learnClockSkew(error: unknown): void {
    if (!(error instanceof Error) || !("clockSkewMs" in error)) return;
    const { clockSkewMs } = error;
    if (typeof clockSkewMs !== "number" || !this.#clockSkew.observe(clockSkewMs)) return;
    this.#reporter.clockSkewed(this.#clockSkew.skewMs);
  }

  #tellInactive(): void {
    this.#reporter.inactive();
    // It is known why there is no connection: the hour of waiting is no failure that lasts.
    this.#failures.connect.recordSuccess();
    Promise.resolve()
      .then(() => this.#options.inactiveInstanceCallback?.())
      .catch((error) => this.#reporter.callbackFailed(error));
  }

  #setState(state: SessionState): void {
    this.#state = state;
    this.#reporter.stateChanged(state);
  }
}

/** How long ago that was, in ms; a clock that was set back counts as no time. */
function elapsedMs(since: number): number {
  return Math.max(0, Date.now() - since);
}
