/**
 * Reports what a session does: one JSON object or one entry of a timeline for each event.
 *
 * @module
 */

import { hasName, safeGet } from "../internal/safe_get.ts";
import type { SessionEventMap } from "../session/reporting/events.ts";
import type { Session } from "../session/session.ts";
import { formatDuration } from "./duration.ts";
import { isServiceException } from "../wsclient/service_exception.ts";
import { type FailureHelp, helpFor } from "../failures/failure_help.ts";
import { dropHelp, endHelp } from "../session/reporting/event_help.ts";
import { failureOfHelp, type FailureText, failureText } from "./failure_text.ts";
import type { ReportedEvent } from "./reported_event.ts";
import type { TimelineEntry } from "./timeline.ts";
import { VERSION } from "./version.ts";

/** The fields that every event of a session has as JSON, besides `time` and `event`. */
interface CommonFields {
  /** The version of this package. */
  readonly version: string;
  /** The number of the attempt, from 1; 0 before the first. */
  readonly attempt: number;
  /** The code of the failure that the event reports; `null` for other events. */
  readonly code: string | null;
  /** Whether retrying can help; `null` for events that report no failure. */
  readonly retryable: boolean | null;
}

/** The events that are reported: all but `statechange`, which the others imply. */
type ReportedType = Exclude<keyof SessionEventMap, "statechange">;

/** How one event is reported. */
interface EventReport<K extends ReportedType> {
  /** Its entry in the timeline. */
  readonly entry: (
    detail: SessionEventMap[K],
  ) => Omit<TimelineEntry, "time"> & Pick<ReportedEvent, "isRoutine">;
  /** For programs. */
  readonly fields: (detail: SessionEventMap[K]) => Readonly<Record<string, unknown>>;
  /** The failure that it reports, if the event itself has no error. */
  readonly failure?: (detail: SessionEventMap[K]) => FailureText | undefined;
}

const SERVICES = { discover: "ECS", connect: "ACS" } as const;

/** Describes what happened in two or three words. */
function describeFailed({ stage, error }: SessionEventMap["connectfailed"], code: string): string {
  if (hasName(error, "CredentialsError")) return "credentials";
  if (code === "ACS-A12") return "cannot reach ACS";
  return isServiceException(error) && code !== "ACS-P05"
    ? `refused by ${SERVICES[stage]}`
    : `cannot reach ${SERVICES[stage]}`;
}

const REPORTS: { readonly [K in ReportedType]: EventReport<K> } = {
  discovering: {
    entry: ({ host, cached }) => ({
      direction: " ",
      what: "discovering",
      isRoutine: cached,
      note: cached ? "the endpoint of ACS is known" : `requesting the endpoint of ACS from ${host}`,
    }),
    fields: ({ host, cached }) => ({ host, cached }),
  },
  discovered: {
    entry: ({ endpoint, source }) => ({
      direction: " ",
      what: "discovered",
      isRoutine: source === "cached",
      note: `ACS is at ${endpoint} (${source})`,
    }),
    fields: ({ endpoint, source }) => ({ endpoint, source }),
  },
  connecting: {
    entry: ({ host, sendCredentials }) => ({
      direction: " ",
      what: "connecting",
      note: sendCredentials ? `to ${host}, asking for all credentials` : `to ${host}`,
    }),
    fields: ({ host, sendCredentials }) => ({ host, sendCredentials }),
  },
  connected: {
    entry: ({ host, connectMs }) => ({
      direction: " ",
      what: "connected",
      note: `to ${host} in ${connectMs} ms`,
    }),
    fields: ({ host, connectMs, disconnectedMs }) => ({ host, connectMs, disconnectedMs }),
  },
  connectfailed: {
    entry: (detail) => {
      const { code, title, cause, fix } = failureText(detail.error);
      return {
        direction: "x",
        what: describeFailed(detail, code),
        note: title === undefined ? code : `${title} (${code})`,
        details: [cause, ...(fix === undefined ? [] : [`What to do: ${fix}`])],
      };
    },
    fields: ({ stage }) => ({ stage }),
  },
  received: {
    entry: ({ type, messageId, size }) => ({
      direction: "<",
      what: type,
      id: messageId ?? "",
      note: `${size} characters`,
    }),
    fields: ({ type, messageId, size }) => ({ type, messageId, size }),
  },
  sent: {
    entry: ({ type, messageId }) => ({
      direction: ">",
      what: type,
      id: messageId ?? "",
      note: "",
    }),
    fields: ({ type, messageId }) => ({ type, messageId }),
  },
  answerslost: {
    entry: ({ type, messageId, connections }) => ({
      direction: "!",
      what: type,
      id: messageId ?? "",
      note:
        `was redelivered although it was answered over ${connections} connections: answers do ` +
        "not arrive; check what is in between, such as a proxy",
    }),
    fields: ({ type, messageId, connections }) => ({ type, messageId, connections }),
  },
  dropped: {
    entry: ({ type, messageId, reason, description }) => ({
      direction: "x",
      what: type ?? "frame",
      id: messageId ?? "",
      note: `not answered, ${reason}: ${description}`,
    }),
    fields: (detail) => ({ ...detail }),
    failure: (detail) => ifFailure(dropHelp(detail), detail.description),
  },
  disconnected: {
    entry: ({ reason, clean, livedMs }) => ({
      direction: clean ? " " : "!",
      what: "disconnected",
      note: `after ${formatDuration(livedMs)}, ${clean ? "cleanly" : "unexpectedly"}: ${reason}`,
    }),
    fields: ({ reason, clean, livedMs, end }) => ({ reason, clean, livedMs, end: end.kind }),
    failure: ({ reason, end }) => ifFailure(endHelp(end), reason),
  },
  waiting: {
    entry: ({ delayMs, reason }) => ({
      direction: " ",
      what: "waiting",
      note: `${formatDuration(delayMs)} before the next attempt (${reason})`,
    }),
    fields: ({ delayMs, reason }) => ({ delayMs, reason }),
  },
  suspended: {
    entry: ({ suspendedMs }) => ({
      direction: "!",
      what: "suspended",
      note: `the clock is ${formatDuration(suspendedMs)} ahead: reconnecting`,
    }),
    fields: ({ suspendedMs }) => ({ suspendedMs }),
  },
  inactive: {
    entry: () => ({
      direction: "x",
      what: "inactive",
      note: "the service reports that this container instance is deregistered",
      // The remedy was printed with the preceding failure.
      details: [],
    }),
    fields: () => ({}),
    failure: () => failureOfHelp(helpFor("ACS-A07"), undefined, false),
  },
  failing: {
    entry: ({ stage, failures, since }) => ({
      direction: "!",
      what: "failing",
      note: `to ${stage} since ${new Date(since).toISOString()}, ${failures} times`,
    }),
    fields: ({ stage, failures, since }) => ({
      stage,
      failures,
      since: new Date(since).toISOString(),
    }),
  },
  stuck: {
    entry: ({ lane, type, messageId }) => ({
      direction: "!",
      what: type,
      id: messageId ?? "",
      note: `its handler has blocked the ${lane} lane for too long`,
    }),
    fields: ({ lane, type, messageId }) => ({ lane, type, messageId }),
    failure: () => failureOfHelp(helpFor("ACS-S03")),
  },
  backlogged: {
    entry: ({ lane, waiting, oldestWaitingMs }) => ({
      direction: "!",
      what: "backlogged",
      note: `${waiting} messages are queued in the ${lane} lane, the oldest for ` +
        formatDuration(oldestWaitingMs),
    }),
    fields: ({ lane, waiting, oldestWaitingMs }) => ({ lane, waiting, oldestWaitingMs }),
  },
  overflowed: {
    entry: ({ lane, waiting }) => ({
      direction: "!",
      what: "overflowed",
      note: `the ${lane} lane is full with ${waiting} messages and refuses more`,
    }),
    fields: ({ lane, waiting }) => ({ lane, waiting }),
  },
  stopped: {
    entry: ({ reason }) => ({ direction: " ", what: "stopped", note: reason }),
    fields: ({ reason }) => ({ reason }),
  },
};

/** The events that are reported, by name. */
export const REPORTED_EVENTS: readonly ReportedType[] = Object.keys(REPORTS).filter(isReported);

function isReported(name: string): name is ReportedType {
  return Object.hasOwn(REPORTS, name);
}

/**
 * Calls `print` with each event of a session.
 *
 * @param session The session.
 * @param print Prints one event.
 */
export function reportSession(session: Session, print: (event: ReportedEvent) => void): void {
  let attempt = 0;
  let lastFailure: FailureText | undefined;
  const listen = <K extends ReportedType>(event: K, report: EventReport<K>) =>
    session.addEventListener(event, ({ detail }) => {
      if ("attempt" in detail) attempt = detail.attempt;
      const error = safeGet(detail, "error");
      const failure = error === undefined ? report.failure?.(detail) : failureText(error);
      if (event === "connectfailed") lastFailure = failure;
      if (event === "connected") lastFailure = undefined;
      const reported = event === "waiting" ? lastFailure : failure;
      const common: CommonFields = {
        version: VERSION,
        attempt,
        code: reported?.code ?? null,
        retryable: reported?.retryable ?? null,
      };
      const why = reported === undefined ? {} : { error: reported.error, fix: reported.fix };
      const entry = report.entry(detail);
      print({
        time: new Date(),
        event,
        ...entry,
        details: entry.details ?? remedyLines(failure),
        failure,
        fields: { ...common, ...report.fields(detail), ...why },
      });
    });
  const listenTo = <K extends ReportedType>(event: K) => listen(event, REPORTS[event]);
  for (const event of REPORTED_EVENTS) listenTo(event);
}

function ifFailure(help: FailureHelp | undefined, error: string): FailureText | undefined {
  return help && failureOfHelp(help, error);
}

function remedyLines(failure: FailureText | undefined): readonly string[] {
  return failure?.fix === undefined ? [] : [`What to do (${failure.code}): ${failure.fix}`];
}
