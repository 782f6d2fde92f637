/**
 * Types of input that several operations and steps share.
 *
 * @module
 */

import * as v from "@badrap/valita";

/** Maximum time of a wait, in ms: one hour. */
export const MAX_WAIT_MS = 3_600_000;

/** A string that is not empty. */
export const nonEmptyText: v.Type<string> = v.string()
  .assert((value) => value !== "", "must not be empty");

/** A whole number in a range. */
export function wholeNumber(least: number, most: number): v.Type<number> {
  return v.number().assert(
    (value) => Number.isInteger(value) && value >= least && value <= most,
    `expected a whole number from ${least} to ${most}`,
  );
}

/** The same as a string of a URL's query. */
export function wholeNumberText(least: number, most: number): v.Type<number> {
  const range = wholeNumber(least, most);
  return v.string().map((text) => /^\d+$/.test(text) ? Number(text) : NaN).chain(range);
}
