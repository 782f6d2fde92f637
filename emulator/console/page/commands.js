/**
 * Formats what a click does as a command or as a step of a scenario.
 *
 * @module
 */

import { isObject } from "./entry.js";

/** @typedef {import("./entry.js").Row} Row */
/** @typedef {Record<string, unknown>} Step */

/** The placeholder for a secret. */
const REDACTED = "[redacted]";

/** The fields that the emulator fills in; a message that is resent gets new ones. */
const FILLED_IN = [
  "messageId",
  "clusterArn",
  "containerInstanceArn",
  "generatedAt",
  "seqNum",
  "timeline",
];

/**
 * Formats a call as a shell command.
 *
 * @param {string} origin
 * @param {string} operation
 * @param {Record<string, unknown>} input
 * @param {{ isQuery: boolean, hasToken: boolean }} options
 */
export function asCurl(origin, operation, input, { isQuery, hasToken }) {
  const header = hasToken ? ` -H "Authorization: Bearer $ACS_CONTROL_TOKEN"` : "";
  const url = `${origin}/emulator/${operation}`;
  const query = queryOf(input);
  if (!isQuery) return `curl${header} -d ${quoted(JSON.stringify(input))} ${url}`;
  return `curl${header} ${query === "" ? url : quoted(url + query)}`;
}

/**
 * Formats the input of a query.
 *
 * @param {Record<string, unknown>} input
 * @returns {string} With the question mark; empty if there is no input.
 */
export function queryOf(input) {
  const query = new URLSearchParams(
    Object.entries(input).map(([name, value]) => [name, String(value)]),
  );
  return query.size === 0 ? "" : `?${query}`;
}

/**
 * Copies a value, and changes each string in it.
 *
 * @param {unknown} value
 * @param {(text: string) => string} change
 * @returns {unknown}
 */
export function withTexts(value, change) {
  if (typeof value === "string") return change(value);
  if (Array.isArray(value)) return value.map((each) => withTexts(each, change));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [name, withTexts(each, change)]),
  );
}

/**
 * Escapes a string of a scenario that would otherwise be interpreted as a reference.
 *
 * @param {string} text
 */
export function escaped(text) {
  return text.startsWith("$") ? `$${text}` : text;
}

/** @param {string} text */
function quoted(text) {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/**
 * Returns the call that resends a message of the emulator with a new id. The page only has redacted
 * messages: required secrets are sent as `[redacted]`, optional ones are left out.
 *
 * @param {Row} row
 * @returns {Record<string, unknown> | undefined} The input of `send`; `undefined` if the row is not
 * a message of the emulator.
 */
export function resendInput({ entry }) {
  if (entry.event !== "sent" || entry.type === undefined || !isObject(entry.message)) {
    return undefined;
  }
  const message = Object.fromEntries(
    Object.entries(entry.message).filter(([name]) => !FILLED_IN.includes(name)),
  );
  const { containerInstanceArn } = entry;
  return {
    type: entry.type,
    ...(containerInstanceArn && { containerInstanceArn }),
    message: withoutRedacted(message, ""),
    // Credentials whose keys were redacted must not be issued again.
    plain: true,
  };
}

/**
 * @param {unknown} value
 * @param {string} field The field that contains the value.
 * @returns {unknown}
 */
function withoutRedacted(value, field) {
  if (Array.isArray(value)) return value.map((each) => withoutRedacted(each, field));
  if (!isObject(value)) return value;
  const isKept = /^(?:environment|roleCredentials|executionRoleCredentials)$/.test(field);
  return Object.fromEntries(
    Object.entries(value).filter(([, each]) => isKept || each !== REDACTED)
      .map(([name, each]) => [name, withoutRedacted(each, name)]),
  );
}

/**
 * Converts a row to a step of a scenario: the emulator's own actions to `do`, everything else to
 * `expect`.
 *
 * @param {Row} row
 * @returns {Step}
 */
export function asStep(row) {
  const { entry } = row;
  const again = resendInput(row);
  if (again) return { do: "send", with: withTexts(again, escaped) };
  const { event, type, containerInstanceArn } = entry;
  const where = containerInstanceArn ? { containerInstanceArn } : {};
  switch (event) {
    case "received":
      return { expect: "message", ...(type && { type }), ...where };
    case "sent":
      return { expect: "sent", ...(type && { type }), ...where };
    case "refused":
      return {
        expect: "refused",
        match: { request: entry.request, ...(entry.status && { status: entry.status }) },
      };
    case "apiCall":
      return { expect: event, ...where, match: { request: entry.request } };
    case "taskStateChanged":
      return { expect: event, ...where, match: { lastStatus: entry.lastStatus } };
    case "fault":
      return { expect: event, ...where, match: { fault: entry.fault } };
    case "problem":
    case "failure":
      return { expectNo: event, for: 1_000 };
    default:
      return { expect: event, ...where };
  }
}
