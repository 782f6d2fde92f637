/**
 * Decides what may be printed: text that others wrote, made fit for a line of a log, a terminal or an
 * error's message.
 *
 * @module
 */

import { startOf } from "./start_of.ts";

/** How much more than is kept is read, so that white space at the start costs no text. */
const READ_FACTOR = 4;

/**
 * What is not printed: control characters (escape sequences and line ends begin with one), format
 * characters (among them those that reverse the direction of text), halves of surrogate pairs,
 * characters that Unicode has not assigned or that look like nothing, and separators.
 */
const UNPRINTABLE = /[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}]+/gu;

/**
 * Text of several lines without characters that are not printable, but for line ends.
 *
 * @param text The text.
 * @returns The text, with a blank in place of each such character.
 */
export function printableLines(text: string): string {
  return text.replace(NOT_IN_LINES, " ");
}

const NOT_IN_LINES = /(?!\n)[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

const UNPAIRED_END = /[\ud800-\udbff]$/;

/**
 * One line of printable characters.
 *
 * @param text The text.
 * @param maxLength How much of it is kept, in UTF-16 code units. Default 500.
 * @returns The line; each run of other characters is one blank.
 */
export function oneLine(text: string, maxLength = 500): string {
  const line = startOf(text, maxLength * READ_FACTOR).replace(UNPRINTABLE, " ").trim();
  // The cut may go through a pair of surrogates.
  return startOf(line, maxLength).replace(UNPAIRED_END, "");
}
