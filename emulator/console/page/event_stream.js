/**
 * Reads the emulator's server-sent events with `fetch`, since EventSource cannot send the token.
 *
 * @module
 */

import { authorization, CallError, CONTROL_PATH } from "./api.js";

/**
 * One server-sent event.
 *
 * @typedef {object} ServerEvent
 * @property {string} event Its name; `message` for an entry of the transcript.
 * @property {string} data Its data, as JSON.
 */

/** Time without data from the emulator, in ms, after which the stream is abandoned. */
const SILENCE_MS = 40_000;

/**
 * Yields the events after an entry until the stream ends.
 *
 * @param {number} after
 * @returns {AsyncGenerator<ServerEvent, void>}
 * @throws {CallError} If the emulator refuses the request or does not respond.
 */
export async function* readEvents(after) {
  const ending = new AbortController();
  let timer = setTimeout(() => ending.abort(), SILENCE_MS);
  try {
    const response = await fetch(`${CONTROL_PATH}events?after=${after}`, {
      headers: authorization(),
      signal: ending.signal,
    });
    if (!response.ok || response.body === null) {
      throw new CallError("Refused", `Status ${response.status}`, response.status);
    }
    let rest = "";
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      clearTimeout(timer);
      timer = setTimeout(() => ending.abort(), SILENCE_MS);
      rest += value;
      let start = 0;
      for (let end = rest.indexOf("\n\n"); end >= 0; end = rest.indexOf("\n\n", start)) {
        const event = parseBlock(rest.slice(start, end));
        start = end + 2;
        if (event.data !== "") yield event;
      }
      rest = rest.slice(start);
    }
  } finally {
    clearTimeout(timer);
    ending.abort();
  }
}

/**
 * @param {string} block
 * @returns {ServerEvent} The event; its data is empty for a comment.
 */
function parseBlock(block) {
  let event = "message";
  let data = "";
  for (const line of block.split("\n")) {
    if (line.startsWith("event: ")) event = line.slice(7);
    if (line.startsWith("data: ")) data += line.slice(6);
  }
  return { event, data };
}
