/**
 * Estimates how much memory values occupy, as upper bounds, so that buffers can be limited in bytes
 * and not in characters: parsed JSON occupies many times its length.
 *
 * V8's memory use was measured on Deno 2.9 and Node 22, 24 and 26: docs/reliability.md has the
 * numbers, and tests/internal/held_bytes_test.ts measures them again.
 *
 * @module
 */

/**
 * The maximum that parsed JSON occupies per character of its text, in bytes. Measured: 50.3, for
 * nested objects with one field each whose name is an index, `{"34":{"34":`; 28 for nested lists.
 */
export const MAX_BYTES_PER_CHARACTER = 56;

/**
 * A list or an object without its contents, and the slot that refers to it; all costs are in bytes.
 */
const STRUCTURE = 64;

/** One slot in a list. */
const ENTRY = 8;

/** A number that is not a small integer. */
const NUMBER = 16;

/** A string without its characters. */
const STRING = 32;

/** A field: its slot, its name, and its part of a hash table or of a shape. */
const FIELD = 96;

/** A field whose name is an index: there may be 34 empty slots before it. */
const INDEXED_FIELD = 400;

/** A string with any character above 0xff occupies two bytes per character. */
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
 * The maximum memory that a text occupies once `JSON.parse` has turned it into a value, in bytes.
 * Takes up to half as long as parsing does.
 *
 * @param text JSON, or text that may be JSON.
 */
export function parsedBytes(text: string): number {
  let structure = 0;
  let inString = false;
  let isIndex = false;
  /** All bits that are set in any character. */
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
 * The maximum memory that a value occupies, in bytes. Parts that occur more than once are counted
 * each time.
 *
 * @param value Plain data, such as parsed JSON.
 * @param enough Where to stop counting: a value that contains itself has no end. Default: 1 GiB.
 */
export function heldBytes(value: unknown, enough: number = 1024 ** 3): number {
  let bytes = 0;
  // An explicit stack instead of recursion, since values may be nested at any depth.
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
