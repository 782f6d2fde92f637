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
  if (!hasFields || value === null) return false;
  try {
    return "then" in value;
  } catch {
    // A proxy whose trap throws: nothing can be waited for.
    return false;
  }
}

/** Whether a value is a promise of the runtime's own with nothing changed, whose `then` can be trusted. */
export function isNativePromise(value: PromiseLike<unknown>): value is Promise<void> {
  return value instanceof Promise && value.constructor === Promise &&
    value.then === Promise.prototype.then;
}
