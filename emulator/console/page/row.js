/**
 * Describes entries as rows of the timeline.
 *
 * @module
 */

import { isObject, shortName, shortType } from "./entry.js";

/** @typedef {import("./entry.js").Entry} Entry */
/** @typedef {import("./entry.js").Row} Row */
/** @typedef {Pick<Row, "sign" | "title" | "note" | "tone">} Words */

/** Maximum length of a note, in characters. */
const MAX_NOTE = 300;

/** @type {Record<string, (entry: Entry) => Words>} */
const WORDS = {
  connected: ({ connectionId, sendCredentials }) => ({
    sign: "●",
    title: `connected #${connectionId}`,
    note: sendCredentials ? "requests all credentials" : "",
    tone: "good",
  }),
  disconnected: ({ connectionId, closeCode, closeReason }) => ({
    sign: "○",
    title: `disconnected #${connectionId}`,
    note: [closeCode === 1006 ? "1006, no close frame" : closeCode, closeReason]
      .filter(Boolean).join(" "),
    tone: "dim",
  }),
  discovered: () => ({
    sign: "·",
    title: "DiscoverPollEndpoint",
    note: "signature valid",
    tone: "dim",
  }),
  sent: ({ type, messageId, resent, message, bytes }) => ({
    sign: "▶",
    title: `${shortType(type)}  ${(messageId ?? "").slice(0, 8)}`.trim(),
    note: [resent ? "resent" : "", summary(message) || (type ? "" : `${bytes} bytes`)]
      .filter(Boolean).join(", "),
    tone: "out",
  }),
  received: ({ type, messageId, message }) => ({
    sign: "◀",
    title: `${shortType(type)}  ${(messageId ?? "").slice(0, 8)}`.trim(),
    note: isObject(message) && typeof message.reason === "string" ? message.reason : "",
    tone: "in",
  }),
  refused: ({ request, status, exception, reason }) => ({
    sign: "✗",
    title: `refused ${request}`,
    note: [status, exception && `${exception}:`, reason].filter(Boolean).join(" "),
    tone: "bad",
  }),
  apiCall: ({ request, taskArn }) => ({
    sign: "◀",
    title: request ?? "",
    note: taskArn ? `task ${shortName(taskArn)}` : "",
    tone: "dim",
  }),
  taskStateChanged: ({ taskArn, lastStatus, desiredStatus, stoppedReason }) => ({
    sign: "■",
    title: `task ${shortName(taskArn)}`,
    note: [
      lastStatus === desiredStatus ? lastStatus : `${lastStatus}, to be ${desiredStatus}`,
      stoppedReason,
    ].filter(Boolean).join(": "),
    tone: lastStatus === "RUNNING" ? "good" : "dim",
  }),
  telemetry: ({ type, bytes }) => ({
    sign: "≈",
    title: shortType(type),
    note: `telemetry, ${bytes} bytes`,
    tone: "dim",
  }),
  problem: ({ reason }) => ({ sign: "!", title: "problem", note: reason ?? "", tone: "bad" }),
  failure: ({ reason }) => ({ sign: "✗", title: "failure", note: reason ?? "", tone: "bad" }),
  fault: ({ fault, connectionId }) => ({
    sign: "⚡",
    title: `fault ${fault}`,
    note: connectionId === undefined ? "injected" : `injected into #${connectionId}`,
    tone: "warn",
  }),
  gap: ({ reason }) => ({ sign: "…", title: "gap", note: reason ?? "", tone: "warn" }),
};

/** The events that a trace can have. */
export const EVENTS = Object.keys(WORDS).filter((event) => event !== "gap");

/**
 * Creates the row of an entry.
 *
 * @param {Entry} entry
 * @returns {Row}
 */
export function rowOf(entry) {
  const words = WORDS[entry.event]?.(entry) ??
    { sign: "·", title: entry.event, note: entry.reason ?? "", tone: /** @type {const} */ ("dim") };
  const agent = shortName(entry.containerInstanceArn);
  const note = words.note.slice(0, MAX_NOTE);
  const { event, type = "", messageId = "", connectionId = "", taskArn = "" } = entry;
  return {
    entry,
    agent,
    ...words,
    note,
    text:
      `${event} ${type} ${messageId} #${connectionId} ${agent} ${taskArn} ${words.title} ${note}`
        .toLowerCase(),
    answer: undefined,
    question: undefined,
    latency: undefined,
    heartbeat: /^Heartbeat/.test(type),
  };
}

/**
 * Summarizes a message: the tasks of a payload, or a short field of another message.
 *
 * @param {unknown} message
 */
function summary(message) {
  if (!isObject(message)) return "";
  if (Array.isArray(message.tasks)) {
    const tasks = message.tasks.filter(isObject).map(
      ({ family, version, desiredStatus, taskArn }) => {
        const name = family === undefined
          ? shortName(String(taskArn))
          : `${family}:${version ?? "?"}`;
        return `${name} ${desiredStatus ?? ""}`.trim();
      },
    );
    return tasks.length === 0 ? "no tasks" : tasks.join(", ");
  }
  if (typeof message.message === "string") return message.message;
  if (typeof message.roleType === "string") return message.roleType;
  return "";
}
