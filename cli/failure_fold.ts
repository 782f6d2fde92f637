/**
 * Failures on a timeline: each is printed once, with its consequences; repeats are counted.
 *
 * @module
 */

import { helpFor } from "../failures/failure_help.ts";
import { DEFAULT_TIMING } from "../session/timing.ts";
import { formatDuration } from "./duration.ts";
import { failureOfHelp } from "./failure_text.ts";
import type { ReportedEvent } from "./reported_event.ts";
import type { TimelineEntry } from "./timeline.ts";

/** How long repeats are only counted before a line says so, in ms; it doubles each time. */
const FIRST_REPEAT_MS = 10_000;

/** The longest time between two such lines, in ms. */
const MAX_REPEAT_MS = 300_000;

/** Events that belong to every attempt and say nothing new while attempts fail. */
const ROUTINE: ReadonlySet<string> = new Set(["discovering", "discovered", "connecting"]);

/** Number of consecutive short connections from which on they are reported as one failure. */
const MANY_SHORT = 2;

/** An ongoing failure. */
interface Ongoing {
  /** The failure's text without its numbers: equal for equal failures. */
  readonly key: string;
  /** When it began, in ms since the epoch. */
  readonly since: number;
  /** How many attempts have failed this way. */
  readonly count: number;
  /** When it was last printed, in ms since the epoch. */
  readonly printedAt: number;
  /** How long repeats are only counted, in ms. */
  readonly intervalMs: number;
}

/** Passes a session's events to a timeline, without repeats. */
export class FailureFold {
  readonly #print: (entry: TimelineEntry) => void;
  /** A failure whose delay is not known yet. */
  #held: ReportedEvent | undefined;
  #ongoing: Ongoing | undefined;
  #failures = 0;
  #failingSince: number | undefined;
  /** Number of consecutive connections that ended right after they were opened. */
  #shortInARow = 0;
  /** A new connection, not printed yet because it may end right away, like those before it. */
  #opened: ReportedEvent | undefined;

  /** @param print Prints an entry. */
  constructor(print: (entry: TimelineEntry) => void) {
    this.#print = print;
  }

  /** Handles an event. */
  take(event: ReportedEvent): void {
    if (event.event === "connectfailed") return this.#hold(event);
    if (event.event === "disconnected") {
      this.#opened = undefined;
      if (isShort(event)) this.#shortInARow += 1;
      else this.#recover();
      if (this.#shortInARow >= MANY_SHORT) return this.#hold(shortConnection(event));
    }
    const held = this.#held;
    this.#held = undefined;
    if (held !== undefined) {
      const isWaiting = event.event === "waiting";
      this.#report(held, isWaiting ? Number(event.fields["delayMs"]) : undefined);
      if (isWaiting) return;
    }
    if (event.event === "failing") return;
    if (this.#ongoing !== undefined && ROUTINE.has(event.event)) return;
    if (event.event === "connected") return this.#connected(event);
    if (this.#opened !== undefined) this.#print(this.#opened);
    this.#opened = undefined;
    this.#print(event);
  }

  #hold(event: ReportedEvent): void {
    this.#failures += 1;
    this.#failingSince ??= event.time.getTime();
    this.#held = event;
  }

  #report(failure: ReportedEvent, delayMs: number | undefined): void {
    const now = failure.time.getTime();
    const next = delayMs === undefined ? [] : [`Trying again in ${formatDuration(delayMs)}.`];
    const key = [failure.what, failure.note, ...(failure.details ?? [])].join(" ")
      .replace(/\d+/g, "0");
    const ongoing = this.#ongoing;
    if (ongoing?.key !== key) {
      this.#ongoing = { key, since: now, count: 0, printedAt: now, intervalMs: FIRST_REPEAT_MS };
      return this.#print({ ...failure, details: [...(failure.details ?? []), ...next] });
    }
    const count = ongoing.count + 1;
    const { printedAt, intervalMs, since } = ongoing;
    if (now - printedAt < intervalMs) {
      this.#ongoing = { ...ongoing, count };
      return;
    }
    const note = [`${count} times more in ${formatDuration(now - since)}.`, ...next].join(" ");
    this.#print({ time: failure.time, direction: " ", what: "same failure", note });
    const longer = Math.min(intervalMs * 2, MAX_REPEAT_MS);
    this.#ongoing = { ...ongoing, count, printedAt: now, intervalMs: longer };
  }

  #connected(event: ReportedEvent): void {
    if (this.#shortInARow >= MANY_SHORT) {
      this.#opened = event;
      return;
    }
    if (this.#failingSince === undefined) return this.#print(event);
    const lasted = formatDuration(event.time.getTime() - this.#failingSince);
    const attempts = this.#failures === 1
      ? "1 failed attempt"
      : `${this.#failures} failed attempts`;
    this.#print({ ...event, note: `${event.note}, after ${lasted} and ${attempts}` });
    this.#recover();
  }

  #recover(): void {
    this.#ongoing = undefined;
    this.#failures = 0;
    this.#failingSince = undefined;
    this.#shortInARow = 0;
  }
}

/** Whether a connection ended before it was useful, and was not closed by the session itself. */
function isShort({ fields: { livedMs, end } }: ReportedEvent): boolean {
  return end !== "closed" && Number(livedMs) < DEFAULT_TIMING.minUsefulConnectionMs;
}

/** Describes the end of a connection as a failure, with its reason and remedy. */
function shortConnection(event: ReportedEvent): ReportedEvent {
  const { code, title, cause, fix } = event.failure ?? failureOfHelp(helpFor("ACS-S05"));
  return {
    ...event,
    direction: "x",
    note: `${title} (${code})`,
    details: [cause, `Reason: ${event.fields["reason"]}.`, `What to do: ${fix}`],
  };
}
