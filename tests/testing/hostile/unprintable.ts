/**
 * Characters that must not reach a terminal or a line of a log.
 *
 * @module
 */

import assert from "node:assert/strict";

/** One of each kind: control, escape sequences, line ends, formats, direction, halves, tags. */
export const UNPRINTABLE: string = [
  "\u0000\u0007\b\t\r\n\u000b\u001b[31mFAKE\u001b]0;title\u0007\u007f\u0085\u009b31m\u00ad",
  "\u061c\u115f\u180e\u200b\u200e\u200f\u2028\u2029\u202a\u202e\u2060\u2066\u2069\ufe0f\ufeff\ufff9",
  String.fromCharCode(0xd800),
  String.fromCodePoint(0xe0041, 0xe0100),
  String.fromCharCode(0xdc00),
].join("");

/** Listed by ranges, and not by the properties that the sources use. */
const RANGES: readonly (readonly [number, number])[] = [
  [0x00, 0x1f],
  [0x7f, 0x9f],
  [0xad, 0xad],
  [0x61c, 0x61c],
  [0x115f, 0x1160],
  [0x180b, 0x180f],
  [0x200b, 0x200f],
  [0x2028, 0x202e],
  [0x2060, 0x206f],
  [0x3164, 0x3164],
  [0xd800, 0xdfff],
  [0xfe00, 0xfe0f],
  [0xfeff, 0xfeff],
  [0xffa0, 0xffa0],
  [0xfff0, 0xfffb],
  [0xfffe, 0xffff],
  [0xe0000, 0xe0fff],
];

/**
 * Asserts that a line has only printable characters.
 *
 * @param line The line.
 * @param what A name for the error.
 */
export function assertPrintable(line: string, what: string): void {
  for (const character of line) {
    const code = character.codePointAt(0) ?? 0;
    const isBad = RANGES.some(([from, to]) => code >= from && code <= to);
    assert.ok(!isBad, `${what} has U+${code.toString(16)}: ${JSON.stringify(line.slice(0, 200))}`);
  }
}
