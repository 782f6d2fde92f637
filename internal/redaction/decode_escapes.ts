/**
 * Undoes the encodings that a text may have gone through before it is quoted: the escapes of JSON,
 * URLs and HTML, and base64. For texts of a few thousand characters.
 *
 * @module
 */

/** A text without escapes, and the original position of each of its code units. */
export interface DecodedText {
  /** The decoded text. */
  readonly text: string;
  /** The original position of the code unit at an index: an upper bound. */
  readonly startOf: (index: number) => number;
}

/** A text without changes. */
export function plainText(text: string): DecodedText {
  return { text, startOf: (index) => index };
}

/** Escapes may themselves be escaped; more than this many levels do not occur in practice. */
const MAX_ROUNDS = 4;

/**
 * One escape: of JSON (a run of backslashes, since JSON within JSON doubles them), of a URL, of
 * HTML. A control character is replaced by the letter of its JSON escape, and `+` by a space, as in
 * a form. Each run has a limit, so that matching never takes quadratic time.
 */
const ESCAPE =
  /\\+(?:u([0-9a-f]{4})|x([0-9a-f]{2}))?|((?:%[0-9a-f]{2})+)|&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(quot|amp|apos|lt|gt));|[\b\f\n\r\t\v+]/gi;

const NAMED: ReadonlyMap<string, string> = new Map([
  ["quot", '"'],
  ["amp", "&"],
  ["apos", "'"],
  ["lt", "<"],
  ["gt", ">"],
  ["\b", "b"],
  ["\f", "f"],
  ["\n", "n"],
  ["\r", "r"],
  ["\t", "t"],
  ["\v", "v"],
  ["+", " "],
]);

/**
 * Replaces escapes by what they stand for, and repeats that on the result, four times in total.
 * Text that is not an escape may change, too, but in the same way in a secret and in the text that
 * quotes it.
 */
export function decodeEscapes(text: DecodedText): DecodedText {
  let result = text;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const matches = [...result.text.matchAll(ESCAPE)];
    if (matches.length === 0) break;
    result = replaceMatches(result, matches);
  }
  return result;
}

function replaceMatches(
  { text, startOf }: DecodedText,
  matches: readonly RegExpExecArray[],
): DecodedText {
  const parts: string[] = [];
  const starts: number[] = [];
  let at = 0;
  const copyUntil = (end: number) => {
    parts.push(text.slice(at, end));
    for (; at < end; at++) starts.push(startOf(at));
  };
  for (const match of matches) {
    copyUntil(match.index);
    const meaning = meaningOf(match);
    parts.push(meaning);
    for (let unit = 0; unit < meaning.length; unit++) starts.push(startOf(match.index));
    at = match.index + match[0].length;
  }
  copyUntil(text.length);
  return { text: parts.join(""), startOf: (index) => starts[index] ?? 0 };
}

function meaningOf([whole, json, hex, url, decimal, hexadecimal, name]: RegExpExecArray): string {
  if (url !== undefined) return utf8.decode(bytesOfUrl(url));
  const unit = json ?? hex;
  if (unit !== undefined) return String.fromCharCode(parseInt(unit, 16));
  const code = decimal === undefined ? parseInt(hexadecimal ?? "", 16) : Number(decimal);
  if (code <= 0x10ffff) return String.fromCodePoint(code);
  // Backslashes before any other character have no meaning of their own.
  return NAMED.get(name?.toLowerCase() ?? whole) ?? "";
}

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** Each escape is one byte of UTF-8. */
function bytesOfUrl(run: string): Uint8Array {
  return Uint8Array.from(run.slice(1).split("%"), (hex) => parseInt(hex, 16));
}

/** Characters of base64 and base64url; a space was a `+` before the escapes were decoded. */
const BASE64_RUN = /[\w+/ -]{8,}/g;

/** A group of base64: four characters encode three bytes. */
const GROUP_LENGTH = 4;

/**
 * Decodes everything that could be base64. Where a group begins is unknown, so each run is decoded
 * four times, starting at each of its first four characters.
 *
 * @param text A text whose escapes have been decoded.
 * @returns Up to four texts for each run.
 */
export function* decodeBase64Runs({ text, startOf }: DecodedText): Iterable<DecodedText> {
  for (const { 0: run, index: runStart } of text.matchAll(BASE64_RUN)) {
    const standard = run.replaceAll("-", "+").replaceAll(" ", "+").replaceAll("_", "/");
    for (let skipped = 0; skipped < GROUP_LENGTH; skipped++) {
      // A single character at the end encodes no byte.
      const usable = standard.length - skipped;
      const end = usable % GROUP_LENGTH === 1 ? standard.length - 1 : standard.length;
      const from = runStart + skipped;
      yield {
        text: utf8.decode(Uint8Array.from(atob(standard.slice(skipped, end)), byteOf)),
        // A code unit is one byte or more, so it was here or later.
        startOf: (index) => startOf(from + Math.floor(index * 4 / 3)),
      };
    }
  }
}

function byteOf(character: string): number {
  return character.charCodeAt(0);
}
