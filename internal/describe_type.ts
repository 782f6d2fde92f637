/**
 * Says what kind of value was given where another was expected.
 *
 * @module
 */

/** The type of a value in words, such as `a number` or `an object`; nothing of the value itself. */
export function describeType(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === "number" && Number.isNaN(value)) return "NaN";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
