/**
 * Compares a value with a partial value.
 *
 * @module
 */

import { oneLine } from "../../internal/one_line.ts";

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

/** Maximum length of a quoted value, in characters. */
const MAX_VALUE_LENGTH = 80;

/**
 * Lists the fields in which a value differs from a partial value.
 *
 * @param expected The partial value.
 * @param actual The value.
 * @param path The path of the value, as field names.
 * @returns One description for each difference; empty if the value matches.
 */
export function mismatches(
  expected: unknown,
  actual: unknown,
  path: readonly string[] = [],
): string[] {
  if (matches(expected, actual)) return [];
  const isObject = typeof expected === "object" && expected !== null && !Array.isArray(expected) &&
    typeof actual === "object" && actual !== null && !Array.isArray(actual);
  if (!isObject) return [`${path.join(".")} is ${quoted(actual)}, not ${quoted(expected)}`];
  return Object.entries(expected).flatMap(([name, field]) =>
    mismatches(field, Reflect.get(actual, name), [...path, name])
  );
}

function quoted(value: unknown): string {
  return value === undefined ? "missing" : oneLine(JSON.stringify(value), MAX_VALUE_LENGTH);
}
