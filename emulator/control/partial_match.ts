/**
 * Compares a value with a partial value.
 *
 * @module
 */

/**
 * Whether a value matches a partial value.
 *
 * @param expected The partial value: each of its objects' fields must match, each entry of its
 * lists must match some entry, and all else must be equal.
 * @param actual The value.
 */
export function matches(expected: unknown, actual: unknown): boolean {
  if (typeof expected !== "object" || expected === null) return Object.is(expected, actual);
  if (typeof actual !== "object" || actual === null) return false;
  if (Array.isArray(expected)) {
    return Array.isArray(actual) &&
      expected.every((entry) => actual.some((each) => matches(entry, each)));
  }
  return !Array.isArray(actual) &&
    Object.entries(expected).every(([name, field]) =>
      Object.hasOwn(actual, name) && matches(field, Reflect.get(actual, name))
    );
}
