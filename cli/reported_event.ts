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
  /**
   * Whether it is left out of text output because users do not need it, such as a cached endpoint.
   */
  readonly isRoutine?: boolean | undefined;
  /** The event's name. */
  readonly event: string;
  /** The failure that it reports, if any. */
  readonly failure?: FailureText | undefined;
  /** Further fields of its JSON output. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/**
 * Formats an event as a JSON object on one line, with its time in UTC in the format of RFC 3339.
 */
export function formatJson(
  { time, event, fields }: Pick<ReportedEvent, "time" | "event" | "fields">,
): string {
  return printableJson({ time: time.toISOString(), event, ...fields });
}
