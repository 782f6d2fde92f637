/**
 * Types of input that several operations and steps share.
 *
 * @module
 */

import * as v from "@badrap/valita";
import { describeRange, isNumberIn } from "../../internal/number_option.ts";
import { choiceProblem } from "./input_error.ts";

/** Maximum time of a wait, in ms: one hour. */
export const MAX_WAIT_MS = 3_600_000;

/** A string that is not empty. */
export const nonEmptyText: v.Type<string> = v.string()
  .assert((value) => value !== "", "must not be empty");

/** A whole number in a range. */
export function wholeNumber(least: number, most: number): v.Type<number> {
  const range = { min: least, max: most, integer: true };
  return v.number().assert((value) => isNumberIn(value, range), `expected ${describeRange(range)}`);
}

/** The same as a string of a URL's query. */
export function wholeNumberText(least: number, most: number): v.Type<number> {
  const range = wholeNumber(least, most);
  return v.string().map((text) => /^\d+$/.test(text) ? Number(text) : NaN).chain(range);
}

/** A key of a table, such as one that has an entry for each member of a union type. */
export function keyOf<K extends string>(table: Readonly<Record<K, unknown>>): v.Type<K> {
  const isKey = (text: string): text is K => Object.hasOwn(table, text);
  return choiceOf(isKey, Object.keys(table));
}

/**
 * A string out of a fixed set.
 *
 * @param isChoice Whether a string is in the set.
 * @param choices The whole set, for the error message.
 */
export function choiceOf<T extends string>(
  isChoice: (text: string) => text is T,
  choices: readonly string[],
): v.Type<T> {
  return v.string().chain((text) =>
    isChoice(text) ? v.ok(text) : v.err(choiceProblem(text, choices))
  );
}
