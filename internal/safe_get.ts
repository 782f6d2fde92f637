/**
 * Looks at values that can be anything, such as what a callback has thrown: their getters, and the
 * traps of a proxy, may throw.
 *
 * @module
 */

/**
 * Reads a property.
 *
 * @param value Whatever it is.
 * @param name The property's name.
 * @returns What it holds; `undefined` if it cannot be read.
 */
export function safeGet(value: unknown, name: PropertyKey): unknown {
  if (typeof value !== "object" && typeof value !== "function" || value === null) return undefined;
  try {
    return Reflect.get(value, name);
  } catch {
    // What cannot be read is not there.
    return undefined;
  }
}

/** Reads a property that is a text; `undefined` if it is something else. */
export function safeText(value: unknown, name: PropertyKey): string | undefined {
  const text = safeGet(value, name);
  return typeof text === "string" ? text : undefined;
}

/** Whether a value is a list; a proxy that has been revoked is not one. */
export function isSafeList(value: unknown): value is readonly unknown[] {
  try {
    return Array.isArray(value);
  } catch {
    // A proxy that has been revoked.
    return false;
  }
}

/** Whether a value is an instance of a class; a proxy that does not show its prototype is not. */
export function isInstance<T>(
  value: unknown,
  type: abstract new (...parameters: never[]) => T,
): value is T {
  try {
    return value instanceof type;
  } catch {
    // A proxy whose trap throws.
    return false;
  }
}

/** What `Object.prototype.toString` says of errors, of this realm or another one. */
const ERROR_TAGS: ReadonlySet<string> = new Set(["[object Error]", "[object DOMException]"]);

/**
 * Whether a value is an error: an instance of this realm's `Error`, or of another one's, as errors of
 * the runtime are within the sandbox of a test runner. A proxy that does not say is not.
 */
export function isError(value: unknown): value is Error {
  try {
    return value instanceof Error || ERROR_TAGS.has(Object.prototype.toString.call(value));
  } catch {
    // A proxy whose trap throws.
    return false;
  }
}

/**
 * Whether an error has this name. Classes of this package are recognised by it: an error that a
 * transport or another object of the application throws can come from another copy of the package,
 * whose classes are not ours.
 */
export function hasName(error: unknown, name: string): boolean {
  return safeGet(error, "name") === name;
}
