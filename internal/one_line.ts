/**
 * Decides what may be printed: makes text from other sources safe for a line of a log, a terminal
 * or an error's message.
 *
 * @module
 */

import { startOf } from "./start_of.ts";

/** How much more than the kept length is read, so that white space at the start costs no text. */
const READ_FACTOR = 4;

/** Words of ASCII characters, separated by single spaces. */
const PLAIN = /^[!-~]+(?: [!-~]+)*$/;

/**
 * Text of several lines in which only printable characters and line ends are left.
 *
 * @param text The text.
 * @returns The text, with every other character replaced by a space.
 */
export function printableLines(text: string): string {
  return text.replace(/(?!\n)[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu, " ");
}

const UNPAIRED_END = /[\ud800-\udbff]$/;

/**
 * One line of printable characters.
 *
 * @param text The text.
 * @param maxLength The maximum length, in UTF-16 code units. Default 500.
 * @returns The line; each run of other characters becomes one space.
 */
export function oneLine(text: string, maxLength = 500): string {
  // Most texts are, and creating the classes of Unicode takes V8 most of a millisecond.
  if (text.length <= maxLength && PLAIN.test(text)) return text;
  const line = spaceUnprintable(startOf(text, maxLength * READ_FACTOR)).trim();
  // The cut may split a surrogate pair.
  return startOf(line, maxLength).replace(UNPAIRED_END, "");
}

/**
 * Replaces characters that are not printed: control characters (escape sequences and line ends
 * begin with one), format characters (including those that reverse the direction of text), unpaired
 * surrogates, unassigned and invisible characters, and separators.
 */
function spaceUnprintable(text: string): string {
  return text.replace(/[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}]+/gu, " ");
}
