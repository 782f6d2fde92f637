/**
 * Events of a session or an emulator, ready to be printed.
 *
 * @module
 */

import { printableJson } from "../internal/printable_json.ts";
import type { FailureText } from "./failure_text.ts";
import type { TimelineEntry } from "./timeline.ts";

/** One event, ready to be printed. */
export interface ReportedEvent extends TimelineEntry {
  /** Whether people do not need to see it, such as an endpoint that is already known. */
  readonly isRoutine?: boolean | undefined;
  /** The event's name. */
  readonly event: string;
  /** The failure that it reports, if it reports one. */
  readonly failure?: FailureText | undefined;
  /** What is printed with it as JSON. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** An event as one JSON object on one line; its time is in UTC, as RFC 3339 writes it. */
export function formatJson(
  { time, event, fields }: Pick<ReportedEvent, "time" | "event" | "fields">,
): string {
  return printableJson({ time: time.toISOString(), event, ...fields });
}
