/**
 * The data that the page shows: the entries of a transcript, and the rows created from them.
 *
 * @module
 */

/**
 * One entry of a transcript, in the form of event streams and traces.
 *
 * @typedef {object} Entry
 * @property {number} number
 * @property {number} at
 * @property {string} event
 * @property {number} [connectionId]
 * @property {string} [containerInstanceArn]
 * @property {string} [type]
 * @property {string} [messageId]
 * @property {number} [bytes]
 * @property {boolean} [resent]
 * @property {unknown} [message]
 * @property {boolean} [sendCredentials]
 * @property {number} [closeCode]
 * @property {string} [closeReason]
 * @property {string} [request]
 * @property {number} [status]
 * @property {string} [exception]
 * @property {{ method: string, target: string, headers: Record<string, string> }} [sent]
 * @property {{ headers: Record<string, string>, canonicalRequest?: string }} [expected]
 * @property {string} [fault]
 * @property {boolean} [answers]
 * @property {string} [taskArn]
 * @property {string} [desiredStatus]
 * @property {string} [lastStatus]
 * @property {string} [stoppedReason]
 * @property {string} [reason]
 */

/**
 * One row of the timeline.
 *
 * @typedef {object} Row
 * @property {Entry} entry
 * @property {string} agent The short name of the container instance; empty if there is none.
 * @property {string} sign
 * @property {string} title
 * @property {string} note
 * @property {"in" | "out" | "good" | "bad" | "warn" | "dim"} tone
 * @property {string} text The text that filters search, in lower case.
 * @property {Row | undefined} answer The agent's answer to the message that was sent.
 * @property {Row | undefined} question The message that this one answers.
 * @property {number | undefined} latency The time until the answer, in ms.
 * @property {boolean} heartbeat
 */

/**
 * @param {unknown} value
 * @returns {value is Record<string, unknown>}
 */
export function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Returns the last characters of an ARN's id, which are enough to distinguish ARNs.
 *
 * @param {string | undefined} arn
 */
export function shortName(arn) {
  return (arn ?? "").slice(-6);
}

/**
 * Returns a message's type without its suffix `Message` or `Request`.
 *
 * @param {string | undefined} type
 */
export function shortType(type) {
  return (type ?? "raw frame").replace(/(?:Message|Request)$/, "");
}

/** @param {number} at */
export function clock(at) {
  const time = new Date(at);
  const two = (/** @type {number} */ number) => String(number).padStart(2, "0");
  const seconds = `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
  return `${seconds}.${String(time.getMilliseconds()).padStart(3, "0")}`;
}

/** @param {number} ms */
export function duration(ms) {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(ms < 10_000 ? 1 : 0)} s`;
  const minutes = Math.floor(ms / 60_000);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
