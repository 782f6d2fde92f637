/**
 * The emulator's events, as server-sent events over `fetch`: EventSource could not send the token.
 *
 * @module
 */

/**
 * One server-sent event.
 *
 * @typedef {object} ServerEvent
 * @property {string} event Its name; `message` for an entry of the transcript.
 * @property {string} data Its data, as JSON.
 */

/** The answer to a request for events was not a stream. */
export class StreamRefusedError extends Error {
  /** @param {Response} response */
  constructor(response) {
    super(`The emulator answered with status ${response.status}`);
    /** The HTTP status. */
    this.status = response.status;
  }
}

/**
 * Reads the events after an entry until the stream ends.
 *
 * @param {{ after: number, token: string | undefined, signal?: AbortSignal }} request
 * @returns {AsyncGenerator<ServerEvent, void>}
 * @throws {StreamRefusedError} If the emulator refuses.
 */
export async function* readEvents({ after, token, signal }) {
  const headers = token === undefined ? undefined : { Authorization: `Bearer ${token}` };
  const response = await fetch(`/emulator/events?after=${after}`, {
    ...(headers && { headers }),
    ...(signal && { signal }),
  });
  if (!response.ok || response.body === null) throw new StreamRefusedError(response);
  let rest = "";
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const blocks = (rest + value).split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) {
      const event = parseBlock(block);
      if (event !== undefined) yield event;
    }
  }
}

/**
 * @param {string} block
 * @returns {ServerEvent | undefined} `undefined` for a comment.
 */
function parseBlock(block) {
  let event = "message";
  let data = "";
  for (const line of block.split("\n")) {
    if (line.startsWith("event: ")) event = line.slice(7);
    if (line.startsWith("data: ")) data += line.slice(6);
  }
  return data === "" ? undefined : { event, data };
}
