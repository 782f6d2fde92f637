/**
 * Finds the events that a scenario expects in the emulator's transcript.
 *
 * @module
 */

import { isJsonObject } from "../../internal/json.ts";
import { oneLine } from "../../internal/one_line.ts";
import { timeLimit } from "../../internal/time_limit.ts";
import type { Transcript, TranscriptEntry } from "../acs/transcript.ts";
import type { EmulatorService } from "../emulator_service.ts";
import { matches, mismatches } from "../control/partial_match.ts";
import type { EmulatorEventType } from "../events.ts";
import { waitForEvent } from "../waiting.ts";
import type { EventSelection, ScenarioEvent } from "./scenario.ts";

/** An expectation was not met. */
export class ExpectationError extends Error {
  /** Always `"ExpectationError"`. */
  override readonly name = "ExpectationError";
  /** The known reasons, each in one line. */
  readonly details: readonly string[];

  /**
   * Creates the error.
   *
   * @param message The expectation that was not met.
   * @param details The known reasons, each in one line.
   */
  constructor(message: string, details: readonly string[] = []) {
    super(message);
    this.details = details;
  }
}

/** The entries of the transcript that expectations search. */
export class EntryWindow {
  readonly #transcript: Transcript;
  readonly #taken = new Set<number>();
  readonly #startedAfter: number;
  #after = 0;

  /**
   * Begins with all entries of the transcript.
   *
   * @param transcript The transcript.
   */
  constructor(transcript: Transcript) {
    this.#transcript = transcript;
    this.#startedAfter = transcript.lastNumber;
  }

  /** Excludes all entries so far. */
  restart(): void {
    this.#after = this.#transcript.lastNumber;
  }

  /** The entries that have not satisfied an expectation. */
  get entries(): readonly TranscriptEntry[] {
    return this.#transcript.entries.filter(({ number }) =>
      number > this.#after && !this.#taken.has(number)
    );
  }

  /** The same, including all entries since the scenario began. */
  get allEntries(): readonly TranscriptEntry[] {
    const after = Math.min(this.#after, this.#startedAfter);
    return this.#transcript.entries.filter(({ number }) =>
      number > after && !this.#taken.has(number)
    );
  }

  /** Records that entries have satisfied an expectation. */
  take(entries: readonly TranscriptEntry[]): void {
    for (const { number } of entries) this.#taken.add(number);
  }
}

/** An expectation. */
export interface Expectation extends EventSelection {
  /** The kind of event. */
  readonly event: ScenarioEvent;
}

/** The events of the emulator that each event of a scenario stands for. */
export const EVENTS: Readonly<Record<ScenarioEvent, readonly EmulatorEventType[]>> = {
  ack: ["received"],
  apiCall: ["apiCall"],
  attempt: ["connected", "refused"],
  connected: ["connected"],
  disconnected: ["disconnected"],
  discovered: ["discovered"],
  failure: ["failure"],
  fault: ["fault"],
  message: ["received"],
  problem: ["problem"],
  refused: ["refused"],
  sent: ["sent"],
  taskStateChanged: ["taskStateChanged"],
  telemetry: ["telemetry"],
};

/**
 * Waits until an event has happened `count` times.
 *
 * @returns The entry that completed the count.
 * @throws {ExpectationError} If that does not happen in time.
 */
export async function expectEntries(
  service: EmulatorService,
  window: EntryWindow,
  expectation: Expectation & { readonly count: number; readonly within: number },
  signal: AbortSignal,
): Promise<TranscriptEntry> {
  const { count, within } = expectation;
  const notMet = () => {
    const known = [
      ...aboutMessage(service.transcript.entries, expectation),
      ...nearMisses(entriesFor(service, window, expectation), expectation),
      ...summary(window.entries),
    ];
    return new ExpectationError(missing(expectation), known);
  };
  const limit = timeLimit(within, notMet, signal);
  try {
    for (;;) {
      const found = candidates(service, window, expectation).slice(0, count);
      const last = found.at(-1);
      if (last !== undefined && found.length === count) {
        window.take(found);
        return last;
      }
      await nextEvent(service, EVENTS[expectation.event], limit.signal);
    }
  } finally {
    limit.clear();
  }
}

/**
 * Waits for a time.
 *
 * @throws {ExpectationError} As soon as the event has happened more often than `atMost`.
 */
export async function expectAtMost(
  service: EmulatorService,
  window: EntryWindow,
  expectation: Expectation & { readonly atMost: number; readonly for: number },
  signal: AbortSignal,
): Promise<void> {
  const timeIsUp = new Error("time is up");
  const limit = timeLimit(expectation.for, () => timeIsUp, signal);
  try {
    for (;;) {
      const found = candidates(service, window, expectation);
      if (found.length > expectation.atMost) {
        const often = found.length === 1 ? "once" : `${found.length} times`;
        throw new ExpectationError(`it happened ${often}`, summary(found));
      }
      await nextEvent(service, EVENTS[expectation.event], limit.signal);
    }
  } catch (error) {
    if (error !== timeIsUp) throw error;
  } finally {
    limit.clear();
  }
}

function candidates(
  service: EmulatorService,
  window: EntryWindow,
  expectation: Expectation,
): readonly TranscriptEntry[] {
  const { event, type, messageId, containerInstanceArn, match = {} } = expectation;
  const fields = Object.entries({ type, messageId, containerInstanceArn })
    .filter(([, value]) => value !== undefined);
  const wanted = { ...match, ...Object.fromEntries(fields) };
  const entries = entriesFor(service, window, expectation);
  return entries.filter((entry) =>
    EVENTS[event].includes(entry.event) && matches(wanted, entry) &&
    (event !== "ack" || (entry.answers === true && entry.type !== "NackRequest")) &&
    (event !== "attempt" || entry.event === "connected" || entry.request === "upgrade")
  );
}

/** The entries that an expectation searches. */
function entriesFor(
  service: EmulatorService,
  window: EntryWindow,
  { event, since, atMost }: Expectation & { readonly atMost?: number },
): readonly TranscriptEntry[] {
  // A message is answered once, so that its id identifies the answer at any time.
  if (event === "ack") return service.transcript.entries;
  // These are unwanted at any time, so that earlier ones count, too.
  const isUnwanted = (event === "problem" || event === "failure") && atMost === 0;
  return isUnwanted || since === "start" ? window.allEntries : window.entries;
}

/** Waits for the next event of some types. */
async function nextEvent(
  service: EmulatorService,
  types: readonly EmulatorEventType[],
  signal: AbortSignal,
): Promise<void> {
  const ended = new AbortController();
  const end = () => ended.abort(signal.reason);
  if (signal.aborted) end();
  signal.addEventListener("abort", end);
  try {
    await Promise.race(types.map((type) => waitForEvent(service, type, { signal: ended.signal })));
  } finally {
    signal.removeEventListener("abort", end);
    ended.abort();
  }
}

function missing({ count, within }: { count: number; within: number }): string {
  const what = count === 1 ? "it did not happen" : `it did not happen ${count} times`;
  return `${what} within ${within} ms`;
}

/** Maximum number of events to compare with an expectation that was not met. */
const MAX_NEAR_MISSES = 3;

/** Describes events of the right kind and type that differ from the expectation in other fields. */
function nearMisses(
  entries: readonly TranscriptEntry[],
  { event, type, messageId, match }: Expectation,
): string[] {
  if (match === undefined) return [];
  const near = entries.filter((entry) =>
    EVENTS[event].includes(entry.event) && (type ?? entry.type) === entry.type &&
    (messageId ?? entry.messageId) === entry.messageId
  );
  return near.slice(-MAX_NEAR_MISSES).flatMap((entry) => {
    const differences = mismatches(match, entry);
    return differences.length === 0 ? [] : [`${labelOf(entry)}: ${differences.join("; ")}`];
  });
}

/** The outcome of the message whose answer is expected. */
function aboutMessage(
  entries: readonly TranscriptEntry[],
  { event, messageId }: Expectation,
): string[] {
  if (event !== "ack" || messageId === undefined) return [];
  const sent = entries.filter((entry) => entry.event === "sent" && entry.messageId === messageId);
  const nack = entries.find((entry) =>
    entry.type === "NackRequest" && entry.messageId === messageId
  );
  const [first] = sent;
  if (first === undefined) {
    return ["the message was not sent: no agent was connected, or it has no such messageId"];
  }
  if (nack !== undefined) {
    const { reason } = isJsonObject(nack.message) ? nack.message : {};
    const why = typeof reason === "string" && reason !== "" ? `: ${oneLine(reason)}` : "";
    return [`the agent refused the ${first.type} with a NackRequest${why}`];
  }
  const times = sent.length === 1 ? "once" : `${sent.length} times`;
  return [
    `the ${first.type} was sent ${times}; its answer must repeat its messageId, cluster and ` +
    "containerInstance",
  ];
}

/** Maximum number of different events that are listed. */
const MAX_EVENTS = 20;

/** Summarizes entries, each kind in one line: `connected`, `received AckRequest × 2`. */
function summary(entries: readonly TranscriptEntry[]): string[] {
  const counts = new Map<string, number>();
  for (const entry of entries) {
    const label = labelOf(entry);
    counts.set(label, (counts.get(label) ?? 0) + 1);
  }
  if (counts.size === 0) return ["nothing happened"];
  const lines = [...counts].map(([label, count]) => count === 1 ? label : `${label} × ${count}`);
  if (lines.length <= MAX_EVENTS) return lines;
  return [...lines.slice(0, MAX_EVENTS), `and ${lines.length - MAX_EVENTS} other kinds of events`];
}

function labelOf(entry: TranscriptEntry): string {
  const { event, type, closeCode, closeReason, status, exception, reason, request } = entry;
  switch (event) {
    case "problem":
    case "failure":
      return `${event}: ${reason}`;
    case "received":
      return `received ${type}`;
    case "sent":
      return `sent ${type ?? "raw frame"}`;
    case "disconnected":
      return [`disconnected with code ${closeCode}`, closeReason].filter((part) => part).join(": ");
    case "apiCall":
      return `apiCall ${request}`;
    case "taskStateChanged":
      return `taskStateChanged (${entry.lastStatus}, to be ${entry.desiredStatus})`;
    case "refused": {
      const answer = [status ?? "no answer", exception].filter((part) => part).join(" ");
      return `refused ${request} (${answer}): ${reason}`;
    }
    default:
      return event;
  }
}
