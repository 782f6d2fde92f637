/**
 * Waits for an event that may have happened already.
 *
 * @module
 */

import { timeLimit } from "../../internal/time_limit.ts";
import type { TranscriptEntry } from "../acs/transcript.ts";
import type { EmulatorService } from "../emulator_service.ts";
import { EventTimeoutError } from "../errors.ts";
import type { EmulatorEventType } from "../events.ts";
import { waitForEvent } from "../waiting.ts";
import { matches } from "./partial_match.ts";

/** The awaited event. */
export interface EntryWait {
  /** The event's name. */
  readonly event: EmulatorEventType;
  /** A partial entry of the transcript, see {@linkcode matches}. */
  readonly where?: Readonly<Record<string, unknown>> | undefined;
  /** Only entries after this number count; by default future ones. */
  readonly after?: number | undefined;
  /** How long to wait, in ms. */
  readonly within: number;
}

/**
 * Waits until the transcript has an entry.
 *
 * @param service The service whose transcript is searched.
 * @param wait The awaited event.
 * @param signal Ends the wait.
 * @returns The first such entry.
 * @throws {EventTimeoutError} If it does not come in time.
 */
export async function waitForEntry(
  service: EmulatorService,
  wait: EntryWait,
  signal: AbortSignal,
): Promise<TranscriptEntry> {
  const { event, where = {}, within } = wait;
  const after = wait.after ?? service.transcript.lastNumber;
  const limit = timeLimit(within, () => new EventTimeoutError(event, within), signal);
  try {
    for (;;) {
      const found = service.transcript.entries.find((entry) =>
        entry.number > after && entry.event === event && matches(where, entry)
      );
      if (found !== undefined) return found;
      await waitForEvent(service, event, { signal: limit.signal });
    }
  } finally {
    limit.clear();
  }
}
