/**
 * Whether a value has all that is asked of it.
 *
 * @module
 */

/**
 * Compares a value with a part of one.
 *
 * @param expected What it must have: an object's fields, each of them matching; of a list, an entry
 * that matches for each entry; anything else must be the same.
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
