/**
 * Numbers as people read them.
 *
 * @module
 */

/** A number with as many digits as mean something; nothing for none. */
export function formatNumber(value: number | undefined): string {
  if (value === undefined) return "";
  const digits = Math.abs(value) < 100
    ? { maximumSignificantDigits: 3 }
    : { maximumFractionDigits: 0 };
  return value.toLocaleString("en", digits);
}
