/**
 * The session of one container instance with ACS: connect, receive, stay, reconnect, stop.
 *
 * @module
 */

import type { RequestResponders } from "../responders/request_responders.ts";
import type { RequestResponder, Respond } from "../responders/responder.ts";
import { acsUrl } from "../wsclient/acs_url.ts";
import { type ConnectionEnd, WsClient } from "../wsclient/client.ts";
import { ClockSkew } from "../wsclient/clock_skew.ts";
import type { DecodedMessage } from "../wsclient/decode.ts";
import { describeError, toError } from "../wsclient/describe_error.ts";
import { AcsError } from "../wsclient/errors.ts";
import type { ReceivedMessageType } from "../wsclient/messages.ts";
import { delay } from "./delay.ts";
import { describeEnd } from "./describe_end.ts";
import { discoverPollEndpoint } from "./discover_poll_endpoint.ts";
import { type SessionEventListener, type SessionEventMap, SessionEvents } from "./events.ts";
import { ExponentialBackoff } from "./exponential_backoff.ts";
import { FailureTracker } from "./failure_tracker.ts";
import { sessionHealth } from "./health.ts";
import { logger } from "./log.ts";
import { MessageDispatcher, messageIdOf } from "./message_dispatcher.ts";
import { type SessionMetrics, sessionMetrics, traced } from "./metrics.ts";
import { type ResolvedSessionOptions, resolveOptions, type SessionOptions } from "./options.ts";
import { type PollEndpoint, PollEndpointCache } from "./poll_endpoint_cache.ts";
import { type AttemptOutcome, isCleanEnd, ReconnectPolicy } from "./reconnect_policy.ts";
import { sessionResponders } from "./session_responders.ts";
import type { SessionHealth, SessionState } from "./state.ts";

/**
 * So many failed connects in a row make the session ask ECS again where ACS is. Ours: the reference
 * keeps an endpoint that has gone bad for the rest of its 12 h.
 */
const FAILED_CONNECTS_BEFORE_REDISCOVERY = 3;

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
 * ```ts no-run
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
  readonly #responders: RequestResponders;
  readonly #dispatcher: MessageDispatcher;
  readonly #events: SessionEvents = new SessionEvents();
  readonly #metrics: SessionMetrics = sessionMetrics();
  readonly #clockSkew: ClockSkew = new ClockSkew();
  readonly #endpoints: PollEndpointCache;
  readonly #policy: ReconnectPolicy;
  readonly #failures: { readonly discover: FailureTracker; readonly connect: FailureTracker };
  readonly #stop: AbortController = new AbortController();
  #state: SessionState = { status: "idle" };
  #times: SessionTimes = {};
  #running: Promise<void> | undefined;
  #client: WsClient | undefined;
  #receivedMessage = false;
  #lastReceivedAt: number | undefined;
  #lastError: Error | undefined;
  #failedConnectsInARow = 0;
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
    this.#responders = sessionResponders(
      this.#options,
      () => this.#metrics.tasksStopped.add(1),
    );
    this.#dispatcher = new MessageDispatcher({
      responders: this.#responders,
      respond: this.#respond,
      laneLimits,
      laneStuckMs: timing.laneStuckMs,
      listener: this.#dispatcherListener(),
    });
    this.#endpoints = new PollEndpointCache(
      (signal) => this.#discoverPollEndpoint(signal),
      timing.endpointCacheTtlMs,
    );
    this.#policy = new ReconnectPolicy({
      ...timing,
      random,
      backoff: new ExponentialBackoff({
        minMs: timing.backoffMinMs,
        maxMs: timing.backoffMaxMs,
        random,
      }),
    });
    this.#failures = {
      discover: this.#failureTracker("discover"),
      connect: this.#failureTracker("connect"),
    };
  }

  /** What the session is doing. */
  get state(): SessionState {
    return this.#state;
  }

  /** When it was connected and lost its connection. */
  get times(): SessionTimes {
    return this.#times;
  }

  /**
   * A snapshot for a readiness probe: ready only when connected, heard from within the idle limit,
   * and no lane stuck.
   */
  health(): SessionHealth {
    return sessionHealth({
      state: this.#state,
      lanes: this.#dispatcher.lanes,
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
   * @param listener Is called with each; `event.detail` has what it is about.
   * @param options As with any event target: `once`, `signal`, …
   */
  addEventListener<K extends keyof SessionEventMap>(
    type: K,
    listener: SessionEventListener<K>,
    options?: AddEventListenerOptions,
  ): void {
    this.#events.addEventListener(type, listener, options);
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
    this.#events.removeEventListener(type, listener);
  }

  /**
   * Registers a responder of the agent's own, for a type that has none or in place of one. Its
   * messages are handled one at a time.
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
   * @param options `signal` stops the session: what is being handled gets up to 5 s to finish and
   * be acknowledged, then the connection is closed with code 1000.
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
    await this.#running?.catch(() => {
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
      const { reason, delayMs } = this.#policy.decide(outcome);
      if (reason === "inactive") this.#tellInactive();
      if (reason === "storm") this.#countFailedConnect();
      if (delayMs === 0) continue;
      this.#setState({ status: "waiting", since: Date.now(), delayMs, reason });
      this.#events.emit("waiting", { delayMs, reason });
      logger.info("Waiting {delayMs} ms before connecting again ({reason})", {
        delayMs,
        reason,
      });
      await delay(delayMs, signal).catch(() => {
        // Aborted: the loop's condition sees it.
      });
    }
  }

  async #attempt(signal: AbortSignal): Promise<AttemptOutcome> {
    try {
      const endpoint = await this.#discover(signal);
      const client = await this.#connect(endpoint, signal);
      return await this.#serve(client, signal);
    } catch (error) {
      return { kind: "failed", error };
    }
  }

  async #discover(signal: AbortSignal): Promise<string> {
    this.#setState({ status: "discovering", since: Date.now() });
    let found: PollEndpoint;
    try {
      found = await this.#endpoints.get(signal);
    } catch (error) {
      this.#attemptFailed("discover", error, signal);
      throw error;
    }
    const { output: { endpoint }, source } = found;
    if (source === "expired") {
      this.#failures.discover.recordFailure(found.error);
      logger.warn("DiscoverPollEndpoint failed, using the endpoint known from before: {error}", {
        error: describeError(found.error),
      });
    } else {
      this.#failures.discover.recordSuccess();
    }
    logger.debug("ACS is at {endpoint} ({source})", { endpoint, source });
    this.#events.emit("discovered", { endpoint, source });
    return endpoint;
  }

  async #discoverPollEndpoint(
    signal: AbortSignal,
  ): ReturnType<typeof discoverPollEndpoint> {
    const { timing } = this.#options;
    const input = { ...this.#options, ...timing, clockSkew: this.#clockSkew };
    try {
      const output = await traced(
        "acs.discover",
        {},
        () => discoverPollEndpoint(input, { signal }),
      );
      this.#metrics.discoveries.add(1, { outcome: "success" });
      return output;
    } catch (error) {
      this.#metrics.discoveries.add(1, { outcome: "failure" });
      this.#learnClockSkew(error);
      throw error;
    }
  }

  async #connect(endpoint: string, signal: AbortSignal): Promise<WsClient> {
    const startedAt = Date.now();
    try {
      const client = new WsClient({
        ...this.#options,
        ...this.#options.timing,
        clockSkew: this.#clockSkew,
        url: acsUrl(endpoint, { ...this.#options, sendCredentials: this.#sendCredentials }),
      });
      const { host } = client;
      this.#setState({ status: "connecting", since: startedAt, host });
      this.#events.emit("connecting", { host, sendCredentials: this.#sendCredentials });
      await traced("acs.connect", { "server.address": host }, () => client.connect({ signal }));
      this.#metrics.connectDuration.record(Date.now() - startedAt, { outcome: "success" });
      return client;
    } catch (error) {
      this.#metrics.connectDuration.record(Date.now() - startedAt, { outcome: "failure" });
      this.#learnClockSkew(error);
      this.#attemptFailed("connect", error, signal);
      throw error;
    }
  }

  async #serve(client: WsClient, signal: AbortSignal): Promise<AttemptOutcome> {
    const { host } = client;
    const connectedAt = this.#connected(host);
    const leave = () => void this.#drain(client);
    signal.addEventListener("abort", leave, { once: true });
    this.#client = client;
    const served = client.serve({ frame: (decoded, size) => this.#receive(decoded, size) });
    if (signal.aborted) leave();
    const end = await served;
    signal.removeEventListener("abort", leave);
    this.#client = undefined;
    const livedMs = Date.now() - connectedAt;
    this.#disconnected(end, livedMs);
    return { kind: "ended", end, livedMs, receivedMessage: this.#receivedMessage };
  }

  #connected(host: string): number {
    const now = Date.now();
    const connecting = this.#state.status === "connecting" ? this.#state : { since: now };
    const connectMs = now - connecting.since;
    const { lastDisconnectedAt, firstConnectedAt } = this.#times;
    const disconnectedMs = lastDisconnectedAt === undefined ? undefined : now - +lastDisconnectedAt;
    if (disconnectedMs !== undefined) this.#metrics.disconnectedDuration.record(disconnectedMs);
    const lastConnectedAt = new Date(now);
    this.#times = {
      ...this.#times,
      firstConnectedAt: firstConnectedAt ?? lastConnectedAt,
      lastConnectedAt,
    };
    this.#failures.connect.recordSuccess();
    this.#sendCredentials = false;
    this.#receivedMessage = false;
    this.#lastError = undefined;
    this.#lastReceivedAt = now;
    this.#setState({ status: "connected", since: now, host });
    this.#events.emit("connected", {
      host,
      connectMs,
      ...(disconnectedMs === undefined ? {} : { disconnectedMs }),
    });
    logger.info("Connected to {host} in {connectMs} ms", { host, connectMs });
    return now;
  }

  #disconnected(end: ConnectionEnd, livedMs: number): void {
    this.#times = { ...this.#times, lastDisconnectedAt: new Date() };
    const clean = isCleanEnd(end) || this.#stop.signal.aborted;
    const reason = describeEnd(end);
    this.#metrics.disconnects.add(1, { end: end.kind });
    this.#events.emit("disconnected", { reason, clean, livedMs });
    if (clean) {
      logger.info("Disconnected after {livedMs} ms: {reason}", { livedMs, reason });
    } else {
      logger.warn("Disconnected after {livedMs} ms: {reason}", { livedMs, reason });
    }
    if (this.#receivedMessage || livedMs >= this.#options.timing.minUsefulConnectionMs) {
      this.#failedConnectsInARow = 0;
    }
  }

  /** Lets what is being handled finish and be acknowledged, then leaves. */
  async #drain(client: WsClient): Promise<void> {
    this.#dispatcher.stop();
    const limit = new AbortController();
    const timeUp = delay(this.#options.timing.drainTimeoutMs, limit.signal).then(
      () => logger.warn("Handlers did not finish in time; their messages stay unacknowledged"),
      () => {
        // All is handled: nothing to say.
      },
    );
    await Promise.race([this.#dispatcher.idle(), timeUp]);
    limit.abort();
    client.close("Stopped");
  }

  #end(): void {
    this.#dispatcher.stop();
    this.#failures.discover.recordSuccess();
    this.#failures.connect.recordSuccess();
    const reason = describeError(this.#stop.signal.reason);
    this.#setState({ status: "stopped", since: Date.now() });
    this.#events.emit("stopped", { reason });
    logger.info("Stopped: {reason}", { reason });
  }

  #receive(decoded: DecodedMessage, size: number): void {
    this.#lastReceivedAt = Date.now();
    if (decoded.kind === "message") {
      this.#receivedMessage = true;
      const { type } = decoded;
      const messageId = messageIdOf(decoded.message);
      logger.debug("Received {type} {messageId}", { type, messageId });
      this.#events.emit("received", {
        type,
        size,
        ...(messageId === undefined ? {} : { messageId }),
      });
      this.#dispatcher.dispatch(decoded, size);
      return;
    }
    const description = decoded.kind === "unknown"
      ? `no message of type ${decoded.type} is known`
      : decoded.reason;
    this.#dropped({
      reason: decoded.kind,
      description,
      ...(decoded.kind === "unknown" ? { type: decoded.type } : {}),
    }, size);
  }

  /** Arrow function: handed to responders, which outlive connections. */
  readonly #respond: Respond = (type, message) => {
    const messageId = messageIdOf(message);
    try {
      if (this.#client === undefined) throw new AcsError("there is no connection");
      this.#client.makeRequest(type, message);
    } catch (error) {
      logger.warn("Could not send {type} {messageId}; the service will ask again: {error}", {
        type,
        messageId,
        error: describeError(error),
      });
      return;
    }
    logger.debug("Sent {type} {messageId}", { type, messageId });
    this.#events.emit("sent", { type, ...(messageId === undefined ? {} : { messageId }) });
  };

  #dispatcherListener(): ConstructorParameters<typeof MessageDispatcher>[0]["listener"] {
    return {
      dropped: ({ received: { type }, messageId, size }, reason, description) =>
        this.#dropped({
          reason,
          description,
          type,
          ...(messageId === undefined ? {} : { messageId }),
        }, size),
      handled: ({ received: { type } }, outcome, durationMs) =>
        this.#metrics.messageDuration.record(durationMs, { type, outcome }),
      stuck: (lane, { received: { type }, messageId }) => {
        logger.error(
          "The handler of {type} {messageId} has been holding the lane {lane} too long",
          {
            type,
            messageId,
            lane,
          },
        );
        this.#events.emit("stuck", {
          lane,
          type,
          ...(messageId === undefined ? {} : { messageId }),
        });
      },
      overflowed: (lane) => {
        logger.error("Too much waits in the lane {lane}: leaving, the service will send it again", {
          lane,
        });
        this.#client?.close(`LaneOverflow: ${lane}`);
      },
      backgroundFailed: ({ received: { type }, messageId }, error) =>
        logger.error("The handler of {type} {messageId} failed: {error}", {
          type,
          messageId,
          error,
        }),
    };
  }

  #dropped(detail: SessionEventMap["dropped"], size: number): void {
    const { type, messageId, reason, description } = detail;
    this.#metrics.dropped.add(1, { reason });
    const told = { type: type ?? "frame", messageId, size, reason, description };
    const text = "Not answered: {type} {messageId} ({size} characters, {reason}): {description}";
    if (reason === "failed" || reason === "invalid") logger.error(text, told);
    else if (reason === "stopping" || type === "CloseMessage") logger.info(text, told);
    else logger.warn(text, told);
    this.#events.emit("dropped", detail);
  }

  #attemptFailed(stage: "discover" | "connect", thrown: unknown, signal: AbortSignal): void {
    if (signal.aborted) return;
    const error = toError(thrown);
    this.#lastError = error;
    if (stage === "discover") this.#failures.discover.recordFailure(error);
    this.#failures.connect.recordFailure(error);
    if (stage === "connect") this.#countFailedConnect();
    const told = { stage, error: describeError(error) };
    if (error instanceof AcsError && !error.retryable) {
      logger.error("Cannot {stage}, and trying again will not help: {error}", told);
    } else {
      logger.warn("Cannot {stage}: {error}", told);
    }
    this.#events.emit("connectfailed", { stage, error });
  }

  #countFailedConnect(): void {
    this.#failedConnectsInARow += 1;
    if (this.#failedConnectsInARow % FAILED_CONNECTS_BEFORE_REDISCOVERY === 0) {
      this.#endpoints.expire();
    }
  }

  #learnClockSkew(error: unknown): void {
    if (!(error instanceof Error) || !("clockSkewMs" in error)) return;
    const { clockSkewMs } = error;
    if (typeof clockSkewMs !== "number" || !this.#clockSkew.observe(clockSkewMs)) return;
    logger.error("The local clock differs from the service's by {clockSkewMs} ms: mend it", {
      clockSkewMs,
    });
  }

  #tellInactive(): void {
    logger.error("The service says that this container instance is deregistered");
    this.#events.emit("inactive", {});
    Promise.resolve()
      .then(() => this.#options.inactiveInstanceCallback?.())
      .catch((error) =>
        logger.error("The inactiveInstanceCallback failed: {error}", {
          error: describeError(error),
        })
      );
  }

  #failureTracker(stage: "discover" | "connect"): FailureTracker {
    return new FailureTracker(this.#options.timing.failureReportIntervalMs, (failure) => {
      this.#metrics.lastingFailures.add(1, { stage });
      logger.error("Failing to {stage} since {since}, {failures} times: {error}", {
        stage,
        since: new Date(failure.since).toISOString(),
        failures: failure.failures,
        error: describeError(failure.error),
      });
      this.#events.emit("failing", { ...failure, stage });
    });
  }

  #setState(state: SessionState): void {
    this.#state = state;
    this.#events.emit("statechange", { state });
  }
}
