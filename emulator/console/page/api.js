/**
 * Calls to the emulator's control plane.
 *
 * @module
 */

import { isObject } from "./entry.js";

/** The key of the token in `sessionStorage`. */
const TOKEN_KEY = "acs-control-token";

/** The path of the control plane. */
export const CONTROL_PATH = "/emulator/";

/** A call was refused or failed. */
export class CallError extends Error {
  /**
   * @param {string} name
   * @param {string} message
   * @param {number} status
   */
  constructor(name, message, status) {
    super(message);
    this.name = name;
    /** The HTTP status; 0 if there was no response. */
    this.status = status;
  }
}

/**
 * @typedef {object} OperationInfo
 * @property {string} name
 * @property {string} method
 * @property {string} summary
 * @property {string[]} fields
 * @property {Record<string, string[]>} choices
 */

/** @typedef {{ required: string[], optional: string[] }} FaultFields */

/** @returns {string | undefined} */
export function token() {
  return sessionStorage.getItem(TOKEN_KEY) ?? undefined;
}

/** @param {string | undefined} value */
export function setToken(value) {
  if (value === undefined) sessionStorage.removeItem(TOKEN_KEY);
  else sessionStorage.setItem(TOKEN_KEY, value);
}

/** @returns {Record<string, string>} */
export function authorization() {
  const value = token();
  return value === undefined ? {} : { Authorization: `Bearer ${value}` };
}

/**
 * Makes a call.
 *
 * @param {string} path The operation and its query.
 * @param {unknown} [input] The body of a POST; a GET is sent without one.
 * @returns {Promise<Record<string, unknown>>}
 * @throws {CallError} If it is refused or fails.
 */
export async function call(path, input) {
  const body = input === undefined ? {} : { method: "POST", body: JSON.stringify(input) };
  let response;
  try {
    response = await fetch(`${CONTROL_PATH}${path}`, { ...body, headers: authorization() });
  } catch {
    throw new CallError("Offline", "The emulator does not respond.", 0);
  }
  const answer = await response.json().catch(() => ({}));
  if (response.ok) return isObject(answer) ? answer : {};
  const error = isObject(answer) && isObject(answer.error) ? answer.error : {};
  throw new CallError(
    String(error.name ?? "Error"),
    String(error.message ?? `Status ${response.status}`),
    response.status,
  );
}

/**
 * Fetches the lists of operations and faults.
 *
 * @returns {Promise<{ operations: OperationInfo[], faults: Record<string, Record<string, FaultFields>> }>}
 */
export async function readIndex() {
  const { operations, faults } = await call("");
  return {
    operations: list(operations).map(({ path, method, summary, fields, choices }) => ({
      name: String(path).slice(CONTROL_PATH.length),
      method: String(method),
      summary: String(summary),
      fields: Array.isArray(fields) ? fields.map(String) : [],
      choices: /** @type {Record<string, string[]>} */ (choices ?? {}),
    })),
    faults: /** @type {Record<string, Record<string, FaultFields>>} */ (faults ?? {}),
  };
}

/**
 * Returns the objects in a list.
 *
 * @param {unknown} value
 * @returns {Record<string, unknown>[]}
 */
export function list(value) {
  return Array.isArray(value) ? value.filter(isObject) : [];
}
