/**
 * Replaces the ids in a trace, so that an agent that has seen the trace before takes everything for
 * new.
 *
 * @module
 */

import { isJsonObject } from "../../internal/json.ts";
import type { TranscriptEntry } from "../acs/transcript_entry.ts";
import type { Trace } from "../trace/trace.ts";

/** UUIDs, and the hexadecimal ids at the end of ARNs. */
const ID = /\b(?:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{32})\b/g;

/**
 * Copies a trace. Each id in the service's messages becomes a new one of the same form, everywhere in
 * the trace; those of container instances stay.
 *
 * @param trace The trace.
 * @param uuid Makes an id.
 */
export function withFreshIds(
  trace: Trace,
  uuid: () => string = () => crypto.randomUUID(),
): Trace {
  const fresh = new Map<string, string>();
  const replace = (text: string) => text.replace(ID, (id) => fresh.get(id) ?? id);
  for (const { event, message } of trace.entries) {
    if (event !== "sent") continue;
    for (const id of idsIn(message)) {
      if (fresh.has(id)) continue;
      fresh.set(id, id.includes("-") ? uuid() : uuid().replaceAll("-", ""));
    }
  }
  for (const { containerInstanceArn } of trace.entries) {
    for (const id of containerInstanceArn?.match(ID) ?? []) fresh.delete(id);
  }
  return {
    ...trace,
    entries: trace.entries.map((entry): TranscriptEntry => ({
      ...entry,
      ...(entry.messageId !== undefined && { messageId: replace(entry.messageId) }),
      ...(entry.message !== undefined && { message: replaced(entry.message, replace) }),
    })),
  };
}

function idsIn(value: unknown): readonly string[] {
  if (typeof value === "string") return value.match(ID) ?? [];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(idsIn);
}

function replaced(value: unknown, replace: (text: string) => string): unknown {
  if (typeof value === "string") return replace(value);
  if (Array.isArray(value)) return value.map((entry) => replaced(entry, replace));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [name, replaced(field, replace)]),
  );
}
