/**
 * How much memory values take: upper bounds, so that what is kept can be bounded in bytes and not in
 * characters, of which parsed JSON takes many times as much.
 *
 * What V8 takes was measured on Deno 2.9 and Node 22, 24 and 26: docs/reliability.md has the numbers, and
 * tests/internal/held_bytes_test.ts measures them again.
 *
 * @module
 */

/**
 * The most that parsed JSON takes for each character of its text, in bytes. Measured: 50.3, for objects
 * in objects with one field each whose name is an index, `{"34":{"34":`; 28 for lists in lists.
 */
export const MAX_BYTES_PER_CHARACTER = 56;

/** A list or an object without what is in it, and the place where it is; all costs are in bytes. */
const STRUCTURE = 64;

/** One entry's place in a list. */
const ENTRY = 8;

/** A number that is no small integer. */
const NUMBER = 16;

/** A string without its characters. */
const STRING = 32;

/** A field: its place, its name, and its part of a hash table or of a shape. */
const FIELD = 96;

/** A field whose name is an index: it may come with 34 empty places before it. */
const INDEXED_FIELD = 400;

/** A string that has one character above 0xff takes two bytes for each. */
const WIDE = /[\u0100-\uffff]/;

const QUOTE = 0x22;
const COMMA = 0x2c;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const LETTER_U = 0x75;
const OPEN_BRACE = 0x7b;

/**
 * How much memory a text takes once `JSON.parse` has made a value of it, in bytes: the most that it can
 * be. Takes up to half as long as parsing does.
 *
 * @param text JSON, or what may be.
 */
export function parsedBytes(text: string): number {
  let structure = 0;
  let inString = false;
  let isIndex = false;
  /** All bits that any character has. */
  let bits = 0;
  let hasEscape = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    bits |= code;
    if (inString) {
      if (code === QUOTE) inString = false;
      if (code !== BACKSLASH) continue;
      at += 1;
      if (text.charCodeAt(at) === LETTER_U) hasEscape = true;
    } else if (code === QUOTE) {
      inString = true;
      const first = text.charCodeAt(at + 1);
      isIndex = first >= ZERO && first <= NINE;
      structure += STRING;
    } else if (code === COMMA) structure += ENTRY + NUMBER;
    else if (code === COLON) structure += isIndex ? INDEXED_FIELD : FIELD;
    else if (code === OPEN_BRACE || code === OPEN_BRACKET) structure += STRUCTURE;
  }
  const width = bits > 0xff || hasEscape ? 2 : 1;
  return Math.min(structure + text.length * width, text.length * MAX_BYTES_PER_CHARACTER);
}

/**
 * How much memory a value takes, in bytes: the most that it can be. What is in it more than once counts
 * as often.
 *
 * @param value Plain data, such as parsed JSON.
 * @param enough Where to stop counting: a value that holds itself has no end. Default: 1 GiB.
 */
export function heldBytes(value: unknown, enough: number = 1024 ** 3): number {
  let bytes = 0;
  // A list of what is left instead of recursion, since values may be nested at any depth.
  const rest: object[] = [];
  const add = (part: unknown) => {
    if (typeof part === "string") bytes += STRING + stringBytes(part);
    else if (typeof part === "number") bytes += NUMBER;
    else if (typeof part === "object" && part !== null) rest.push(part);
  };
  add(value);
  for (let next = rest.pop(); next !== undefined && bytes < enough; next = rest.pop()) {
    bytes += STRUCTURE;
    if (Array.isArray(next)) {
      bytes += next.length * ENTRY;
      next.forEach(add);
      continue;
    }
    for (const [name, field] of next instanceof Map ? next : Object.entries(next)) {
      bytes += /^\d/.test(name) ? INDEXED_FIELD : FIELD;
      add(name);
      add(field);
    }
  }
  return bytes;
}

function stringBytes(text: string): number {
  return text.length * (WIDE.test(text) ? 2 : 1);
}
