/**
 * A timeline for people: time, direction, type, id, and what happened.
 *
 * @module
 */

import { oneLine } from "../internal/one_line.ts";

/** One line of a timeline. */
export interface TimelineEntry {
  /** When. */
  readonly time: Date;
  /** `<` received, `>` sent, `x` not answered, a space for what is no message. */
  readonly direction: "<" | ">" | "x" | " ";
  /** The message's type, or what happened. */
  readonly what: string;
  /** The message's id, if there is one. */
  readonly id?: string | undefined;
  /** More, in words. */
  readonly note: string;
}

/** The longest type is AttachInstanceNetworkInterfacesMessage. */
const WHAT_WIDTH = 38;
const ID_WIDTH = 12;

/**
 * One entry as one line. Whatever the other side put into ids and words, it stays one line.
 *
 * @param entry The entry.
 * @param start When the timeline began: times are told in seconds since.
 */
export function formatTimelineEntry(entry: TimelineEntry, start: Date): string {
  const seconds = ((entry.time.getTime() - start.getTime()) / 1000).toFixed(3).padStart(8);
  const what = oneLine(entry.what).padEnd(WHAT_WIDTH);
  const id = oneLine(entry.id ?? "", ID_WIDTH).padEnd(ID_WIDTH);
  return `${seconds}  ${entry.direction} ${what} ${id} ${oneLine(entry.note)}`.trimEnd();
}
