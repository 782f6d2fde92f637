/**
 * Streams the transcript as server-sent events.
 *
 * @module
 */

import type { ServerResponse } from "node:http";
import * as v from "@badrap/valita";
import { printableJson } from "../../internal/printable_json.ts";
import { VERSION } from "../../internal/version.ts";
import type { TranscriptEntry } from "../acs/transcript.ts";
import type { EmulatorService } from "../emulator_service.ts";
import { inputProblems, InvalidInputError } from "./input_error.ts";
import { wholeNumberText } from "./input_types.ts";

/**
 * Interval between keep-alive comments, in ms. They let each side detect that the other has
 * disconnected. Our choice: many proxies close idle connections after 60 s.
 */
const COMMENT_INTERVAL_MS = 15_000;

/** Time after which a client reconnects, in ms. */
const RETRY_MS = 1_000;

/** Maximum number of entries read from the transcript in one go. */
const BATCH = 64;

const eventsInput = v.object({
  after: wholeNumberText(0, Number.MAX_SAFE_INTEGER).optional(() => 0),
});

/**
 * Parses the query of a stream request.
 *
 * @param input The query.
 * @throws {InvalidInputError} If it is invalid.
 */
export function parseEventsInput(input: unknown): { readonly after: number } {
  const result = eventsInput.try(input);
  if (result.ok) return result.value;
  throw new InvalidInputError(inputProblems(input, result.issues, ["after"]));
}

/**
 * Streams the transcript to one client: the entries after the given number, then each new one.
 *
 * Only the position of each client is kept. While a client does not read, nothing is buffered for
 * it; when it reads again, it gets the entries that the transcript still has, and a `gap` event for
 * the dropped ones.
 *
 * @param service The service whose transcript is streamed.
 * @param response The response to write to.
 * @param after The number of the last entry that the client has; 0 for none.
 */
export function streamEvents(
  service: EmulatorService,
  response: ServerResponse,
  after: number,
): void {
  const { transcript } = service;
  response.writeHead(200, {
    "Content-Type": "text/event-stream",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    // Otherwise proxies such as nginx buffer the events.
    "X-Accel-Buffering": "no",
  });
  response.write(`retry: ${RETRY_MS}\n\n`);
  response.write(frame("hello", {
    version: VERSION,
    startedAt: service.startedAt,
    first: transcript.firstNumber,
    last: transcript.lastNumber,
  }));
  // After a restart of the emulator, numbers begin at 1 again.
  let position = after > transcript.lastNumber ? 0 : after;
  let isPaused = false;
  let isScheduled = false;
  let isOver = false;

  const pump = () => {
    isScheduled = false;
    while (!isPaused && !isOver) {
      const entries = transcript.after(position, BATCH);
      if (entries.length === 0) return;
      for (const entry of entries) {
        const gap = entry.number === position + 1 ? "" : frame("gap", {
          after: position,
          next: entry.number,
        });
        position = entry.number;
        isPaused = !response.write(`${gap}${entryFrame(entry)}`);
        if (isPaused) break;
      }
    }
  };
  const schedule = () => {
    if (isScheduled || isPaused) return;
    isScheduled = true;
    queueMicrotask(pump);
  };
  response.on("drain", () => {
    isPaused = false;
    schedule();
  });
  const unsubscribe = transcript.onRecord(schedule);
  const comments = setInterval(() => {
    if (!isPaused) response.write(": keep-alive\n\n");
  }, COMMENT_INTERVAL_MS);
  response.once("close", () => {
    isOver = true;
    unsubscribe();
    clearInterval(comments);
  });
  schedule();
}

function entryFrame(entry: TranscriptEntry): string {
  return `id: ${entry.number}\ndata: ${printableJson(entry)}\n\n`;
}

function frame(event: string, data: unknown): string {
  return `event: ${event}\ndata: ${printableJson(data)}\n\n`;
}
