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
 * @param {unknown} input `undefined` for a query.
 */
export function copyCurl(operation, input) {
  void copy(asCurl(location.origin, operation, input, token() !== undefined), "the curl line");
}
