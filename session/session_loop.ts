/**
 * The life of a session: attempt, serve, wait, attempt again.
 *
 * @module
 */

import type { RequestResponders } from "../responders/request_responders.ts";
import type { Respond } from "../responders/responder.ts";
import { acsUrl } from "../wsclient/acs_url.ts";
import {
  type ConnectionEnd,
  NotConnectedError,
  type OversizedFrame,
  WsClient,
} from "../wsclient/client.ts";
import { ClockSkew } from "../wsclient/signing/clock_skew.ts";
import { CredentialSource } from "../wsclient/signing/credential_source.ts";
import type { DecodedMessage } from "../protocol/decode.ts";
import { toError } from "../internal/redaction/describe_error.ts";
import { SERVICE_EXCEPTION_NAMES, serviceClockSkew } from "../wsclient/service_exception.ts";
import { refusesKeys } from "./refuses_keys.ts";
import { abortable, timeLimit } from "../internal/time_limit.ts";
import { delay } from "../internal/delay.ts";
import { stopwatch } from "../internal/stopwatch.ts";
import {
  discoverPollEndpoint,
  type DiscoverPollEndpointOutput,
} from "./discovery/discover_poll_endpoint.ts";
import { ExponentialBackoff } from "./exponential_backoff.ts";
import { FailureTracker } from "./reporting/failure_tracker.ts";
import { sessionHealth } from "./health.ts";
import { MessageDispatcher } from "./dispatch/message_dispatcher.ts";
import { messageIdOf } from "./dispatch/message_job.ts";
import { traced } from "./reporting/traces.ts";
import type { ResolvedSessionOptions } from "./options.ts";
import { PollEndpointCache } from "./discovery/poll_endpoint_cache.ts";
import { type AttemptOutcome, isCleanEnd, ReconnectPolicy } from "./reconnect_policy.ts";
import type { SessionReporter, Stage } from "./reporting/session_reporter.ts";
import type { SessionHealth, SessionState, SessionTimes } from "./state.ts";
import { SuspendWatch } from "./suspend_watch.ts";

/** Messages that refuse or say goodbye: a peer that sends nothing else does not serve the session. */
const REFUSALS: ReadonlySet<string> = new Set([
  "CloseMessage",
  "ErrorMessage",
  ...SERVICE_EXCEPTION_NAMES,
]);

/** Lives one session. */
export class SessionLoop {
  readonly #options: ResolvedSessionOptions;
  readonly #reporter: SessionReporter;
  readonly #dispatcher: MessageDispatcher;
  readonly #clockSkew: ClockSkew;
  readonly #credentials: CredentialSource;
  readonly #endpoints: PollEndpointCache;
  readonly #policy: ReconnectPolicy;
  readonly #failures: Readonly<Record<Stage, FailureTracker>>;
  #state: SessionState = { status: "idle" };
  #times: SessionTimes = {};
  /** How long the last connect took, in ms. */
  #connectMs = 0;
  /** How long ago the last connection ended, in ms. */
  #disconnectedMs: (() => number) | undefined;
  #drained: Promise<void> | undefined;
  #client: WsClient | undefined;
  /** Ends what is waited for before and after a connection. */
  #turn: AbortController = new AbortController();
  #receivedMessage = false;
  #lastReceivedAt: number | undefined;
  #lastError: Error | undefined;
  #sendCredentials = true;

  /**
   * Prepares it; {@linkcode SessionLoop.run} begins.
   *
   * @param options The session's options.
   * @param responders Who answers what.
   * @param reporter Is told what happens.
   */
  constructor(
    options: ResolvedSessionOptions,
    responders: RequestResponders,
    reporter: SessionReporter,
  ) {
    this.#options = options;
    this.#reporter = reporter;
    const { timing, laneLimits, limits, random } = options;
    this.#clockSkew = new ClockSkew(timing.maxClockSkewMs);
    this.#credentials = new CredentialSource(options.credentials, clockOf(this.#clockSkew));
    this.#dispatcher = new MessageDispatcher({
      responders,
      respond: this.#respond,
      redact: (text) => this.#client?.redact(text) ?? text,
      laneLimits,
      maxBackgroundWork: limits.maxBackgroundWork,
      laneStuckMs: timing.laneStuckMs,
      updateStuckMs: timing.updateStuckMs,
      laneBacklogMs: timing.laneBacklogMs,
      listener: reporter,
      onCaughtUp: (lane) => {
        void this.#client?.close(`LaneOverflow: ${lane}`, { kind: "caught-up", lane });
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

  /**
   * A snapshot for a readiness probe: ready only when connected, heard from within the idle limit,
   * and no lane stuck, backlogged or refusing messages.
   */
  health(): SessionHealth {
    return sessionHealth({
      state: this.#state,
      stopping: this.#dispatcher.isStopping,
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
   * Attempts, waits and attempts again until the signal aborts; then lets what is being handled
   * finish, and ends.
   *
   * @param signal Ends it; can be aborted already.
   * @returns Settles when all has ended. Errors of the network and of the service do not end it.
   */
  async run(signal: AbortSignal): Promise<void> {
    const { minSuspensionMs } = this.#options.timing;
    const watch = new SuspendWatch(minSuspensionMs, (ms) => this.#suspended(ms));
    const endTurn = () => this.#turn.abort(signal.reason);
    signal.addEventListener("abort", endTurn, { once: true });
    try {
      await this.#loop(signal);
    } finally {
      watch.clear();
    }
    await this.#drain();
    this.#failures.discover.recordSuccess();
    this.#failures.connect.recordSuccess();
    this.#setState({ status: "stopped", since: Date.now() });
    this.#reporter.stopped(signal.reason);
  }

  async #loop(stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      this.#turn = new AbortController();
      const { signal } = this.#turn;
      const outcome = await this.#attempt(signal, stop);
      if (stop.aborted) return;
      const decision = this.#policy.decide(outcome);
      const { reason, delayMs, rediscover } = decision;
      if (reason === "inactive") this.#tellInactive();
      if (rediscover) this.#endpoints.expire();
      if (delayMs === 0) continue;
      this.#setState({ status: "waiting", since: Date.now(), delayMs, reason });
      this.#reporter.waiting(decision);
      await delay(delayMs, signal).catch(() => {
        // Stopped: the loop's condition sees it. Or suspended: it has lasted long enough.
      });
    }
  }

  /** The next attempt is due now, whatever was under way; the service is as good as new to us. */
  #suspended(suspendedMs: number): void {
    this.#reporter.suspended(suspendedMs);
    this.#policy.startOver();
    this.#credentials.suspended();
    void this.#client?.close("Suspended", { kind: "suspended" });
    this.#turn.abort(new Error("the machine was suspended"));
  }

  async #attempt(signal: AbortSignal, stop: AbortSignal): Promise<AttemptOutcome> {
    let stage: Stage = "discover";
    let client: WsClient | undefined;
    try {
      const endpoint = await this.#discover(signal);
      signal.throwIfAborted();
      stage = "connect";
      client = await this.#connect(endpoint, signal);
      return await this.#serve(client, stop);
    } catch (error) {
      void client?.close("Failed");
      if (signal.aborted) return { kind: "suspended" };
      this.#attemptFailed(stage, toError(error));
      return { kind: "failed", stage, error };
    }
  }

  async #discover(signal: AbortSignal): Promise<string> {
    this.#setState({ status: "discovering", since: Date.now() });
    const found = await this.#endpoints.get(signal);
    if (found.source === "expired") this.#failures.discover.recordFailure(found.error);
    else this.#failures.discover.recordSuccess();
    this.#reporter.discovered(found);
    return found.output.endpoint;
  }

  async #askEcs(signal: AbortSignal): Promise<DiscoverPollEndpointOutput> {
    const input = {
      ...this.#options,
      ...this.#options.timing,
      credentials: this.#credentials,
      clockSkew: this.#clockSkew,
    };
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
      this.#learnFrom(error);
      throw error;
    }
  }

  async #connect(endpoint: string, signal: AbortSignal): Promise<WsClient> {
    const tookMs = stopwatch();
    const sendCredentials = this.#sendCredentials;
    try {
      const { transport, region, random, timing, limits } = this.#options;
      const client = new WsClient({
        transport,
        url: acsUrl(endpoint, { ...this.#options, sendCredentials }),
        region,
        credentials: this.#credentials,
        clockSkew: this.#clockSkew,
        random,
        timing,
        limits,
        warn: (text) => this.#reporter.transportWarned(text),
      });
      const { host } = client;
      this.#setState({ status: "connecting", since: Date.now(), host });
      this.#reporter.connecting(host, sendCredentials);
      await traced("acs.connect", { "server.address": host }, () => client.connect({ signal }));
      this.#reporter.connectTook(tookMs(), "success");
      this.#connectMs = tookMs();
      return client;
    } catch (error) {
      if (!signal.aborted) this.#reporter.connectTook(tookMs(), "failure");
      this.#learnFrom(error);
      throw error;
    }
  }

  #connected(host: string): void {
    const now = Date.now();
    const { firstConnectedAt } = this.#times;
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
    this.#dispatcher.connected();
    this.#lastError = undefined;
    this.#lastReceivedAt = now;
    this.#setState({ status: "connected", since: now, host });
    this.#reporter.connected({
      host,
      connectMs: this.#connectMs,
      disconnectedMs: this.#disconnectedMs?.(),
    });
  }

  async #serve(client: WsClient, signal: AbortSignal): Promise<AttemptOutcome> {
    this.#connected(client.host);
    const lived = stopwatch();
    let left: Promise<void> | undefined;
    const leave = () => left = this.#drain().then(() => this.#close(client));
    signal.addEventListener("abort", leave, { once: true });
    this.#client = client;
    const served = client.serve({
      isBusy: () => this.#dispatcher.isBusy,
      countAsSlow: () => this.#dispatcher.countAsSlow(),
      frame: (decoded, size, receivedAt) => this.#receive(decoded, size, receivedAt),
    });
    if (signal.aborted) leave();
    const end = await served;
    signal.removeEventListener("abort", leave);
    this.#client = undefined;
    const livedMs = lived();
    this.#disconnected(end, livedMs);
    // Only a stop waits: ending the process at once would lose the close frame.
    await left;
    if (end.kind === "suspended") return { kind: "suspended" };
    return { kind: "ended", end, livedMs, receivedMessage: this.#receivedMessage };
  }

  #disconnected(end: ConnectionEnd, livedMs: number): void {
    this.#times = { ...this.#times, lastDisconnectedAt: new Date() };
    this.#disconnectedMs = stopwatch();
    this.#reporter.disconnected(end, isCleanEnd(end) || this.#dispatcher.isStopping, livedMs);
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

  #receive(decoded: DecodedMessage | OversizedFrame, size: number, receivedAt: number): void {
    this.#lastReceivedAt = receivedAt;
    switch (decoded.kind) {
      case "message":
        if (!REFUSALS.has(decoded.type)) this.#receivedMessage = true;
        this.#reporter.received(decoded.type, messageIdOf(decoded.message), size);
        return this.#dispatcher.dispatch(decoded, size, receivedAt);
      case "unknown": {
        const description = `no message of type ${decoded.type} is known`;
        return this.#reporter.dropped({ reason: "unknown", description, type: decoded.type }, size);
      }
      case "oversized": {
        const { maxFrameSize } = this.#options.limits;
        const description = `a frame of ${size} is larger than the option limits.maxFrameSize,` +
          ` ${maxFrameSize}: raise it if the service is to send such frames`;
        return this.#reporter.dropped({ reason: "oversized", description }, size);
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

  #attemptFailed(stage: Stage, error: Error): void {
    this.#lastError = error;
    if (stage === "discover") this.#failures.discover.recordFailure(error);
    this.#failures.connect.recordFailure(error);
    this.#reporter.attemptFailed(stage, error);
  }

  /** A refusal shows the service's clock, or that fresh keys are needed. */
  #learnFrom(error: unknown): void {
    if (this.#clockSkew.observe(serviceClockSkew(error))) {
      return this.#reporter.clockSkewed(this.#clockSkew.skewMs);
    }
    if (refusesKeys(error)) this.#credentials.refuse();
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

/** Holds on to no session: a credentials function that never answers holds on to the clock. */
function clockOf(clockSkew: ClockSkew): () => number {
  return () => clockSkew.now();
}
