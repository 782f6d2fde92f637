/**
 * Whether a handler has to be awaited.
 *
 * @module
 */

/**
 * Whether a value is, or may be, a promise. Handlers may be written in JavaScript and return
 * anything, or promises of another library.
 */
export function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  const hasFields = typeof value === "object" || typeof value === "function";
  if (!hasFields || value === null) return false;
  try {
    return "then" in value;
  } catch {
    // A proxy whose trap throws: it cannot be awaited.
    return false;
  }
}

/** Whether a value is an unmodified promise of the runtime, whose `then` can be trusted. */
export function isNativePromise(value: PromiseLike<unknown>): value is Promise<void> {
  return value instanceof Promise && value.constructor === Promise &&
    value.then === Promise.prototype.then;
}
