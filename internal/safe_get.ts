/**
 * Reads values that can be anything, such as a thrown value: their getters, and the traps of a
 * proxy, may throw.
 *
 * @module
 */

/**
 * Reads a property.
 *
 * @param value Any value.
 * @param name The property's name.
 * @returns Its value; `undefined` if it cannot be read.
 */
export function safeGet(value: unknown, name: PropertyKey): unknown {
  if (typeof value !== "object" && typeof value !== "function" || value === null) return undefined;
  try {
    return Reflect.get(value, name);
  } catch {
    // An unreadable property counts as missing.
    return undefined;
  }
}

/** Reads a property that is a string; `undefined` if it is something else. */
export function safeText(value: unknown, name: PropertyKey): string | undefined {
  const text = safeGet(value, name);
  return typeof text === "string" ? text : undefined;
}

/** Whether a value is an array; a revoked proxy is not one. */
export function isSafeList(value: unknown): value is readonly unknown[] {
  try {
    return Array.isArray(value);
  } catch {
    // A revoked proxy.
    return false;
  }
}

/** Whether a value is an instance of a class; a proxy that hides its prototype is not. */
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

/** What `Object.prototype.toString` returns for errors from this realm and others. */
const ERROR_TAGS: ReadonlySet<string> = new Set(["[object Error]", "[object DOMException]"]);

/**
 * Whether a value is an error: an instance of this realm's `Error`, or of another realm's, like the
 * runtime's errors within the sandbox of a test runner. A proxy that does not reveal it is not.
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
 * Whether an error has this name. Used to recognize classes of this package: an error thrown by an
 * application's transport or other object can come from another copy of the package, whose classes
 * differ.
 */
export function hasName(error: unknown, name: string): boolean {
  return safeGet(error, "name") === name;
}
