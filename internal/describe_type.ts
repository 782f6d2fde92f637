/**
 * Describes the type of an unexpected value.
 *
 * @module
 */

/** Describes the type of a value, such as `a number` or `an object`; never its content. */
export function describeType(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === "number" && Number.isNaN(value)) return "NaN";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
