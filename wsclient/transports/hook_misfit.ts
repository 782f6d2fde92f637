/**
 * The reasons why the runtime's WebSocket cannot be used as this package needs it.
 *
 * @module
 */

/**
 * Node's WebSocket and the dispatcher that is being observed do not fit together. This is not a
 * network failure: the same attempt succeeds with another WebSocket.
 */
export class HookMisfitError extends Error {
  /** Always `"HookMisfitError"`. */
  override readonly name = "HookMisfitError";
}

/**
 * Whether an error is about a method that was called incorrectly rather than about the network,
 * such as undici's `InvalidArgumentError` or the `TypeError` for a missing method.
 */
export function isMisuse(error: unknown): boolean {
  if (!(error instanceof Error)) return true;
  const code = "code" in error ? error.code : undefined;
  if (typeof code === "string") return MISUSE_CODES.has(code);
  return PROGRAMMING_ERRORS.has(error.name);
}

const MISUSE_CODES: ReadonlySet<string> = new Set([
  "UND_ERR_INVALID_ARG",
  "UND_ERR_NOT_SUPPORTED",
  "ERR_ASSERTION",
  "ERR_INVALID_ARG_TYPE",
]);

const PROGRAMMING_ERRORS: ReadonlySet<string> = new Set([
  "AssertionError",
  "RangeError",
  "ReferenceError",
  "TypeError",
]);
