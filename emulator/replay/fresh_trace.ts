/**
 * Replaces values of a trace that are out of date: ids that an agent may have seen before, and
 * expiration times of credentials.
 *
 * @module
 */

import { isJsonObject } from "../../internal/json.ts";
import type { TranscriptEntry } from "../acs/transcript_entry.ts";
import type { Trace } from "../trace/trace.ts";

/** UUIDs, and the hexadecimal ids at the end of ARNs. */
const ID = /\b(?:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{32})\b/g;

/**
 * Copies a trace with new ids. Each id in the service's messages is replaced by a new one of the
 * same form throughout the trace; ids of container instances are kept.
 *
 * @param trace The trace.
 * @param uuid Generates a UUID.
 */
export function withFreshIds(
  trace: Trace,
  uuid: () => string = () => crypto.randomUUID(),
): Trace {
  const fresh = new Map<string, string>();
  for (const { event, message } of trace.entries) {
    if (event !== "sent") continue;
    for (const id of textsIn(message).flatMap((text) => text.match(ID) ?? [])) {
      if (fresh.has(id)) continue;
      fresh.set(id, id.includes("-") ? uuid() : uuid().replaceAll("-", ""));
    }
  }
  for (const { containerInstanceArn } of trace.entries) {
    for (const id of containerInstanceArn?.match(ID) ?? []) fresh.delete(id);
  }
  return replaceTexts(trace, (text) => text.replace(ID, (id) => fresh.get(id) ?? id));
}

/**
 * Copies a trace with new expiration times of credentials, in the service's messages and in the
 * agents' answers. The recorded credentials have usually expired.
 *
 * @param trace The trace.
 * @param change Maps a recorded expiration time to the new one, both in ms since the epoch.
 */
export function withExpirations(trace: Trace, change: (time: number) => number): Trace {
  const changed = new Map<string, string>();
  const find = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    for (const [name, field] of Object.entries(value)) {
      const time = name === "expiration" && typeof field === "string" ? Date.parse(field) : NaN;
      // The service's times have no fractions of a second.
      const date = Number.isNaN(time) ? undefined : new Date(change(time)).toISOString();
      if (date !== undefined) changed.set(String(field), date.replace(/\.\d+Z$/, "Z"));
      find(field);
    }
  };
  for (const { event, message } of trace.entries) if (event === "sent") find(message);
  return replaceTexts(trace, (text) => changed.get(text) ?? text);
}

function replaceTexts(trace: Trace, replace: (text: string) => string): Trace {
  return {
    ...trace,
    entries: trace.entries.map((entry): TranscriptEntry => ({
      ...entry,
      ...(entry.messageId !== undefined && { messageId: replace(entry.messageId) }),
      ...(entry.message !== undefined && { message: replaced(entry.message, replace) }),
    })),
  };
}

function textsIn(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(textsIn);
}

function replaced(value: unknown, replace: (text: string) => string): unknown {
  if (typeof value === "string") return replace(value);
  if (Array.isArray(value)) return value.map((entry) => replaced(entry, replace));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [name, replaced(field, replace)]),
  );
}
