/**
 * Tells what a session does: one JSON object or one line of text for each event.
 *
 * @module
 */

import { printableJson } from "../internal/printable_json.ts";
import type { Session } from "../session/session.ts";
import type { SessionEventMap } from "../session/reporting/events.ts";
import { describeError } from "../internal/redaction/describe_error.ts";
import type { TimelineEntry } from "./timeline.ts";

/** One event, ready to be printed. */
export interface ReportedEvent extends TimelineEntry {
  /** The event's name. */
  readonly event: string;
  /** What is printed with it as JSON. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Tells `print` each event of a session. */
export function reportSession(session: Session, print: (event: ReportedEvent) => void): void {
  const on = <K extends keyof SessionEventMap>(
    event: K,
    entry: (detail: SessionEventMap[K]) => Omit<TimelineEntry, "time">,
    fields: (detail: SessionEventMap[K]) => Readonly<Record<string, unknown>>,
  ) =>
    session.addEventListener(
      event,
      ({ detail }) => print({ time: new Date(), event, ...entry(detail), fields: fields(detail) }),
    );

  const lastError = () => {
    const error = session.health().lastError;
    return error && describeError(error);
  };

  on("discovered", ({ endpoint, source }) => ({
    direction: " ",
    what: "discovered",
    note: `ACS is at ${endpoint} (${source})`,
  }), ({ endpoint, source }) => ({ endpoint, source }));
  on("connecting", ({ host, sendCredentials }) => ({
    direction: " ",
    what: "connecting",
    note: `to ${host}, sendCredentials=${sendCredentials}`,
  }), ({ host, sendCredentials }) => ({ host, sendCredentials }));
  on("connected", ({ host, connectMs }) => ({
    direction: " ",
    what: "connected",
    note: `to ${host} in ${connectMs} ms`,
  }), ({ host, connectMs, disconnectedMs }) => ({ host, connectMs, disconnectedMs }));
  on("received", ({ type, messageId, size }) => ({
    direction: "<",
    what: type,
    id: messageId,
    note: `${size} characters`,
  }), ({ type, messageId, size }) => ({ type, messageId, size }));
  on("sent", ({ type, messageId }) => ({
    direction: ">",
    what: type,
    id: messageId,
    note: "",
  }), ({ type, messageId }) => ({ type, messageId }));
  on("dropped", ({ type, messageId, reason, description }) => ({
    direction: "x",
    what: type ?? "frame",
    id: messageId,
    note: `not answered, ${reason}: ${description}`,
  }), (detail) => ({ ...detail }));
  on("disconnected", ({ reason, clean }) => ({
    direction: " ",
    what: "disconnected",
    note: `${clean ? "in order" : "unexpectedly"}: ${reason}`,
  }), ({ reason, clean, livedMs }) => ({ reason, clean, livedMs }));
  on("waiting", ({ delayMs, reason }) => ({
    direction: " ",
    what: "waiting",
    note: [`${delayMs} ms (${reason})`, lastError()].filter((part) => part !== undefined).join(
      ": ",
    ),
  }), ({ delayMs, reason }) => ({ delayMs, reason, error: lastError() }));
  on("suspended", ({ suspendedMs }) => ({
    direction: " ",
    what: "suspended",
    note: `the clock is ${suspendedMs} ms ahead: connecting anew`,
  }), ({ suspendedMs }) => ({ suspendedMs }));
  on("inactive", () => ({
    direction: " ",
    what: "inactive",
    note: "the service says that this container instance is deregistered",
  }), () => ({}));
  on("stopped", ({ reason }) => ({
    direction: " ",
    what: "stopped",
    note: reason,
  }), ({ reason }) => ({ reason }));
}

/** An event as one JSON object on one line. */
export function formatJson({ time, event, fields }: ReportedEvent): string {
  return printableJson({ time: time.toISOString(), event, ...fields });
}
