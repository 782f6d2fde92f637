/**
 * Calls of this page as lines for a shell.
 *
 * @module
 */

import { token } from "./api.js";
import { asCurl } from "./commands.js";
import { copy } from "./dom.js";

/**
 * Copies the line that makes a call.
 *
 * @param {string} operation
 * @param {unknown} input `undefined` for a query.
 */
export function copyCurl(operation, input) {
  void copy(asCurl(location.origin, operation, input, token() !== undefined), "the curl line");
}
