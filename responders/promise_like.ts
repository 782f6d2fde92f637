/**
 * Whether a handler has to be waited for.
 *
 * @module
 */

/**
 * Whether a value is, or may be, a promise. Handlers may be written in JavaScript and return anything,
 * or bring promises of another library.
 */
export function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  const hasFields = typeof value === "object" || typeof value === "function";
  return hasFields && value !== null && "then" in value;
}
