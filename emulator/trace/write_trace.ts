/**
 * Formats traces.
 *
 * @module
 */

import { printableJson } from "../../internal/printable_json.ts";
import type { TranscriptEntry } from "../acs/transcript_entry.ts";
import { type Trace, TRACE_VERSION, type TraceHeader } from "./trace.ts";

/** The fields of a header that depend on the writer. */
export type TraceOrigin = Omit<TraceHeader, "acsTrace" | "recordedAt"> & {
  /** When the trace was started, in ms since the epoch. */
  readonly at: number;
};

/**
 * Formats a trace, for example from an emulator's transcript.
 *
 * @param entries The events, in order.
 * @param origin The program that wrote it, and when it was started.
 * @returns JSON Lines, with a trailing newline.
 *
 * @example
 * ```ts
 * import { AcsEmulator, formatTrace, parseTrace } from "@acs/session/emulator";
 *
 * await using emulator = await AcsEmulator.listen();
 * const text = formatTrace(emulator.transcript, { producer: "my test", at: Date.now() });
 * console.log(parseTrace(text, "trace.jsonl").header.producer);
 * ```
 */
export function formatTrace(entries: Trace["entries"], origin: TraceOrigin): string {
  return [headerLine(origin), ...entries.map(entryLine)].join("");
}

/** The first line of a trace. */
export function headerLine({ at, ...origin }: TraceOrigin): string {
  const recordedAt = new Date(at).toISOString();
  const { producer, ...rest } = origin;
  return line({ acsTrace: TRACE_VERSION, producer, recordedAt, ...rest });
}

/** The line of one entry. */
export function entryLine(entry: TranscriptEntry): string {
  return line(entry);
}

/** Escapes everything unprintable, so that displaying the file in a terminal is safe. */
function line(value: object): string {
  return `${printableJson(value)}\n`;
}
