/**
 * Reports what a session does, in three ways: log, events, and metrics. Decides nothing.
 *
 * @module
 */

import type { FailureCode } from "../../failures/failure_code.ts";
import { type FailureHelp, failureHelp, helpFor } from "../../failures/failure_help.ts";
import { TypedEventTarget } from "../../internal/typed_event_target.ts";
import { describeClockSkew } from "../../wsclient/signing/clock_skew.ts";
import { describeError } from "../../internal/redaction/describe_error.ts";
import { safeGet } from "../../internal/safe_get.ts";
import { oneLine } from "../../internal/one_line.ts";
import { describeEnd } from "./describe_end.ts";
import { dropHelp, endHelp } from "./event_help.ts";
import type { DropReason, SessionEventMap } from "./events.ts";
import type { OngoingFailure } from "./failure_tracker.ts";
import { HandlerWatch } from "./handler_watch.ts";
import { logger } from "./log.ts";
import type { BackgroundSource } from "../dispatch/background_work.ts";
import type { MessageJob } from "../dispatch/message_job.ts";
import type { SessionMeterProvider } from "./meter_provider.ts";
import { type SessionMetrics, sessionMetrics } from "./metrics.ts";
import { outcomeAttributes, reportIgnoredSdk, serverAttributes } from "./telemetry.ts";
import { warnUnheard } from "./unheard.ts";
import type { PollEndpoint } from "../discovery/poll_endpoint_cache.ts";
import type { ReconnectDecision } from "../reconnect_policy.ts";
import type { LostAnswers } from "../answer_watch.ts";
import type { SessionConnectionEnd } from "../session_connection_end.ts";
import type { SessionState } from "../state.ts";

/** The phases of an attempt. */
export type AttemptPhase = "discover" | "connect";

const GOALS: Readonly<Record<AttemptPhase, string>> = {
  discover: "discover the ACS endpoint",
  connect: "connect to ACS",
};

/** Maximum logged length of an id, in characters. The service's have 36. */
const MAX_ID_LENGTH = 128;

/** A message's id for the log: whatever the peer sends, it is one short line. */
function shortId(messageId: string | undefined): string | undefined {
  return messageId === undefined ? undefined : oneLine(messageId, MAX_ID_LENGTH);
}

/** A failure's remedy, as the end of a log message and its properties. */
interface Remedy {
  /** The end of the message's template; empty if there is no known remedy. */
  readonly ending: string;
  /** The properties of the log record. */
  readonly fields: { readonly code?: FailureCode; readonly fix?: string };
}

/** Returns the remedy for an error. */
function remedyOf(error: unknown): Remedy {
  return remedyIn(failureHelp(error));
}

function remedyIn(help: FailureHelp | undefined): Remedy {
  if (help === undefined) return { ending: "", fields: {} };
  const { code, fix } = help;
  return { ending: `. What to do (${code}): {fix}`, fields: { code, fix } };
}

function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Where a session's reports go, besides its events and its log. */
export interface ReporterOptions {
  /** Creates the instruments. Default: the globally registered provider. */
  readonly meterProvider?: SessionMeterProvider | undefined;
  /** Whether an unheard problem is reported on the runtime's channel. Default `true`. */
  readonly warnIfUnheard?: boolean | undefined;
}

/**
 * Reports what one session does. A log record that belongs to an event has the event's name in its
 * property `event`.
 */
export class SessionReporter {
  /** The session's events. */
  readonly events: TypedEventTarget<SessionEventMap> = new TypedEventTarget(logger);
  /** Counts the failures of handlers. */
  readonly handlers: HandlerWatch = new HandlerWatch();
  readonly #warnIfUnheard: boolean;
  readonly #metrics: SessionMetrics;
  /**
   * Whether nothing remains to be reported about an SDK that the API ignores: it has been reported,
   * or is not used.
   */
  #hasReportedIgnoredSdk: boolean;

  /**
   * Creates a reporter.
   *
   * @param options Where metrics and warnings go.
   */
  constructor({ meterProvider, warnIfUnheard = true }: ReporterOptions = {}) {
    this.#warnIfUnheard = warnIfUnheard;
    this.#metrics = sessionMetrics(meterProvider);
    this.#hasReportedIgnoredSdk = meterProvider !== undefined;
  }

  /** The state has changed. */
  stateChanged(state: SessionState): void {
    this.events.emit("statechange", { state });
  }

  /**
   * DiscoverPollEndpoint has been called.
   *
   * @param error Why that failed, if it did.
   */
  discoveryAttempted(error?: unknown): void {
    this.#hasReportedIgnoredSdk ||= reportIgnoredSdk();
    this.#metrics.discoveries.add(1, outcomeAttributes(error));
  }

  /** Reports that an attempt begins. */
  discovering(detail: SessionEventMap["discovering"]): void {
    const { attempt, host, cached } = detail;
    const fields = { event: "discovering", attempt, host };
    if (cached) logger.debug("Attempt {attempt}: the endpoint of ACS is known", fields);
    else logger.info("Attempt {attempt}: requesting the endpoint of ACS from {host}", fields);
    this.events.emit("discovering", detail);
  }

  /** The ACS endpoint is known. */
  discovered({ output, source, error }: PollEndpoint): void {
    const { endpoint } = output;
    if (source === "expired") {
      logger.warn("DiscoverPollEndpoint failed, using the endpoint known from before: {error}", {
        error: describeError(error),
      });
    }
    logger.debug("ACS is at {endpoint} ({source})", { event: "discovered", endpoint, source });
    this.events.emit("discovered", { ...output, source });
  }

  /** A connection is being opened. */
  connecting(host: string, sendCredentials: boolean): void {
    logger.debug("Connecting to {host}", { event: "connecting", host });
    this.events.emit("connecting", { host, sendCredentials });
  }

  /**
   * A connection was opened, or not.
   *
   * @param durationMs The duration, in ms.
   * @param host The host of ACS.
   * @param error Why it failed, if it did.
   */
  connectAttempted(durationMs: number, host: string, error?: unknown): void {
    this.#metrics.connectDuration.record(durationMs / 1000, {
      ...serverAttributes(host),
      ...outcomeAttributes(error),
    });
  }

  /** The transport continues, but the user should know how. */
  transportWarned(text: string): void {
    logger.warn("{text}", { text });
  }

  /** A connection is open. */
  connected(detail: SessionEventMap["connected"]): void {
    const { host, connectMs, disconnectedMs } = detail;
    if (disconnectedMs !== undefined) {
      this.#metrics.disconnectedDuration.record(disconnectedMs / 1000);
    }
    logger.info("Connected to {host} in {connectMs} ms", { event: "connected", host, connectMs });
    this.events.emit("connected", detail);
  }

  /** An attempt has failed. */
  attemptFailed(stage: AttemptPhase, error: Error): void {
    const { ending, fields } = remedyOf(error);
    const record = { event: "connectfailed", error: describeError(error), ...fields };
    const text = `Cannot ${GOALS[stage]}`;
    if (safeGet(error, "retryable") === false) {
      const still = "and retrying will not fix it (still retrying)";
      logger.error(`${text}, ${still}: {error}${ending}`, record);
    } else {
      logger.warn(`${text}: {error}${ending}`, record);
    }
    this.events.emit("connectfailed", { stage, error });
    if (safeGet(error, "retryable") === false) this.#warnOfFailure(stage, error);
  }

  /** A phase has been failing for a while. */
  failing(stage: AttemptPhase, failure: OngoingFailure): void {
    this.#metrics.lastingFailures.add(1, { "acs.stage": stage });
    const { ending, fields } = remedyOf(failure.error);
    logger.error(`Failing to ${GOALS[stage]} since {since}, {failures} times: {error}${ending}`, {
      event: "failing",
      since: new Date(failure.since).toISOString(),
      failures: failure.failures,
      error: describeError(failure.error),
      ...fields,
    });
    this.events.emit("failing", { ...failure, stage });
    this.#warnOfFailure(stage, failure.error);
  }

  #warnOfFailure(stage: AttemptPhase, error: unknown): void {
    if (!this.#isUnheard("connectfailed", "failing", "statechange")) return;
    const help = failureHelp(error);
    const remedy = help === undefined ? "" : `. What to do (${help.code}): ${help.fix}`;
    warnUnheard(
      "connecting",
      `the session cannot ${GOALS[stage]}: ${describeError(error)}${remedy}`,
    );
  }

  /** Whether neither the log nor a listener of one of the events receives the report. */
  #isUnheard(...events: (keyof SessionEventMap)[]): boolean {
    return this.#warnIfUnheard && logger.isEnabledFor("error") === false &&
      !events.some((event) => this.events.has(event));
  }

  /** The clock skew in use has changed. */
  clockSkewed(skewMs: number): void {
    if (skewMs === 0) return logger.info("The local clock agrees with the service's again");
    logger.error("{skew}: signatures are corrected from now on; set the clock", {
      // The event that revealed the skew.
      event: "connectfailed",
      skew: capitalize(describeClockSkew(skewMs)),
      skewMs,
    });
  }

  /** A connection has ended. */
  disconnected(end: SessionConnectionEnd, clean: boolean, livedMs: number): void {
    const reason = describeEnd(end);
    this.#metrics.disconnects.add(1, { "acs.connection.end": end.kind });
    const { ending, fields } = remedyIn(endHelp(end));
    const text = `Disconnected after {livedMs} ms: {reason}${ending}`;
    const record = { event: "disconnected", livedMs, reason, ...fields };
    if (clean) logger.info(text, record);
    else logger.warn(text, record);
    this.events.emit("disconnected", { end, reason, clean, livedMs });
  }

  /** The next attempt waits. */
  waiting({ delayMs, reason }: ReconnectDecision): void {
    logger.info("Waiting {delayMs} ms before connecting again ({reason})", {
      event: "waiting",
      delayMs,
      reason,
    });
    this.events.emit("waiting", { delayMs, reason });
  }

  /** The machine was suspended; the next attempt does not wait. */
  suspended(suspendedMs: number): void {
    logger.warn(
      "The clock is {suspendedMs} ms ahead: the machine was suspended, or its clock was set." +
        " Reconnecting now",
      { event: "suspended", suspendedMs },
    );
    this.events.emit("suspended", { suspendedMs });
  }

  /** The service says that the container instance is deregistered. */
  inactive(): void {
    logger.error("The service says that this container instance is deregistered", {
      event: "inactive",
    });
    this.events.emit("inactive", {});
  }

  /** The agent's inactiveInstanceCallback has failed. */
  callbackFailed(error: unknown): void {
    logger.error("The inactiveInstanceCallback failed: {error}", { error: describeError(error) });
  }

  /** A message has been decoded. */
  received(type: string, messageId: string | undefined, size: number): void {
    this.#logMessage("received", "Received {type} {messageId}", type, messageId);
    if (this.events.has("received")) this.events.emit("received", { type, messageId, size });
  }

  /** The session's answers do not arrive. */
  answersLost(lost: LostAnswers): void {
    logger.error(
      "The service redelivered {type} {messageId}, which was answered over {connections} connections:" +
        " what the session sends does not arrive, or is not what the service expects; check what is" +
        " in between, such as a proxy",
      { event: "answerslost", ...lost, messageId: shortId(lost.messageId) },
    );
    this.events.emit("answerslost", lost);
  }

  /** A message has been handed to the connection. */
  sent(type: string, messageId: string | undefined): void {
    this.#logMessage("sent", "Sent {type} {messageId}", type, messageId);
    if (this.events.has("sent")) this.events.emit("sent", { type, messageId });
  }

  /** A message could not be sent. */
  notSent(type: string, messageId: string | undefined, error: unknown): void {
    logger.warn("Could not send {type} {messageId}; the service will resend the message: {error}", {
      type,
      messageId: shortId(messageId),
      error: describeError(error),
    });
  }

  /** A frame or message will not be answered. */
  dropped(detail: SessionEventMap["dropped"], size: number): void {
    const { reason } = detail;
    this.#metrics.dropped.add(1, { "acs.drop.reason": reason });
    const { type = "frame" } = detail;
    const { ending, fields } = remedyIn(dropHelp(detail));
    const record = {
      event: "dropped",
      ...detail,
      type,
      messageId: shortId(detail.messageId),
      size,
      ...fields,
    };
    const text = "Not answered: {type} {messageId} ({size} characters, {reason}): {description}" +
      ending;
    if (reason === "failed" || reason === "invalid" || reason === "oversized") {
      logger.error(text, record);
    } else if (reason === "stopping" || detail.type === "CloseMessage") logger.info(text, record);
    else logger.warn(text, record);
    this.events.emit("dropped", detail);
    if (reason === "failed") this.#warnOfHandler(type, detail.description);
  }

  #warnOfHandler(type: string, error: string): void {
    if (!this.#isUnheard("dropped")) return;
    warnUnheard("handler", `the handler of ${type} failed: ${oneLine(error)}`);
  }

  /** A message on its way to its responder will not be answered. */
  jobDropped(job: MessageJob, reason: DropReason, description: string): void {
    const { received: { type }, messageId, size } = job;
    this.dropped({ reason, description, type, messageId }, size);
  }

  /** A message has been handled, successfully or not. */
  handled(job: MessageJob, outcome: "success" | "invalid" | "failed", durationMs: number): void {
    this.handlers.record(job.received.type, outcome);
    this.#metrics.messageDuration.record(durationMs / 1000, {
      "acs.message.type": job.received.type,
      "acs.outcome": outcome,
    });
  }

  /** A handler has been running for too long. */
  stuck(lane: string, { received: { type }, messageId }: MessageJob): void {
    const detail = { lane, type, messageId };
    this.#metrics.unhealthyLanes.add(1, { "acs.lane.name": lane, "acs.lane.problem": "stuck" });
    const { ending, fields } = remedyIn(helpFor("ACS-S03"));
    logger.error(
      "The handler of {type} {messageId} has been running for too long and blocks the {lane} lane" +
        ending,
      { event: "stuck", ...detail, messageId: shortId(messageId), ...fields },
    );
    this.events.emit("stuck", detail);
  }

  /** A message has been queued in its lane for too long. */
  backlogged(lane: string, waiting: number, oldestWaitingMs: number): void {
    this.#metrics.unhealthyLanes.add(1, {
      "acs.lane.name": lane,
      "acs.lane.problem": "backlogged",
    });
    const backlog = { lane, waiting, oldestWaitingMs };
    logger.error(
      "{waiting} messages are queued in the {lane} lane, the oldest for {oldestWaitingMs} ms: the handler " +
        "does not keep up; check why it is slow",
      { event: "backlogged", ...backlog },
    );
    this.events.emit("backlogged", backlog);
  }

  /** A lane is full. */
  overflowed(lane: string, waiting: number): void {
    this.#metrics.unhealthyLanes.add(1, {
      "acs.lane.name": lane,
      "acs.lane.problem": "overflowed",
    });
    logger.error(
      "The {lane} lane is full: once its {waiting} messages are handled, the " +
        "session reconnects, so that the service resends those refused meanwhile; check why the " +
        "handler is slow, or raise limits.maxLaneMessages or limits.maxLaneSize",
      { event: "overflowed", lane, waiting },
    );
    this.events.emit("overflowed", { lane, waiting });
  }

  /** A handler has failed after its message was answered. */
  backgroundFailed({ type, messageId }: BackgroundSource, error: string): void {
    logger.error("The handler of {type} {messageId} failed: {error}", {
      type,
      messageId: shortId(messageId),
      error,
    });
    this.#warnOfHandler(type, error);
  }

  /** A task is passed to the task stopper. */
  taskStopped(): void {
    this.#metrics.tasksStopped.add(1);
  }

  /** Handlers did not finish before the session closed its connection. */
  drainTimedOut(types: readonly string[]): void {
    logger.warn(
      "Handlers of {types} did not finish within timing.drainTimeoutMs; the service resends the" +
        " messages that they have not acknowledged",
      { types: types.join(", ") },
    );
  }

  /** The session has ended. */
  stopped(cause: unknown): void {
    const reason = describeError(cause);
    logger.info("Stopped: {reason}", { event: "stopped", reason });
    this.events.emit("stopped", { reason });
  }

  #logMessage(
    event: "received" | "sent",
    text: string,
    type: string,
    messageId: string | undefined,
  ): void {
    // Most applications do not read this.
    if ((logger.isEnabledFor("debug") ?? true)) {
      logger.debug(text, { event, type, messageId: shortId(messageId) });
    }
  }
}
