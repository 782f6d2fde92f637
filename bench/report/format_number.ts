/**
 * Numbers for readers.
 *
 * @module
 */

/** A number with three significant digits, or an empty text for `undefined`. */
export function formatNumber(value: number | undefined): string {
  if (value === undefined) return "";
  const digits = Math.abs(value) < 100
    ? { maximumSignificantDigits: 3 }
    : { maximumFractionDigits: 0 };
  return value.toLocaleString("en", digits);
}
