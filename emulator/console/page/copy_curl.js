/**
 * Copies calls of this page as shell commands.
 *
 * @module
 */

import { token } from "./api.js";
import { asCurl } from "./commands.js";
import { copy } from "./dom.js";

/**
 * Copies the command for a call.
 *
 * @param {string} operation
 * @param {Record<string, unknown>} input
 * @param {boolean} isQuery
 */
export function copyCurl(operation, input, isQuery) {
  const options = { isQuery, hasToken: token() !== undefined };
  void copy(asCurl(location.origin, operation, input, options), "the curl line");
}
