/**
 * Takes secrets out of texts that other code has written. Used when something has gone wrong, not
 * for every message; but then a hostile peer may have chosen the secrets and the text, so the time
 * it takes is bounded.
 *
 * @module
 */

import { MIN_SECRET_LENGTH, REDACTED } from "./secrets.ts";

/** As much of a text is looked at, in UTF-16 code units. Ours: of an error 500 are told in the end. */
const MAX_TEXT_LENGTH = 16_384;

/** More secrets are not looked for, the text is left out then. Ours: ten tasks have some hundred. */
const MAX_SECRETS = 10_000;

/** A secret that begins closer than this to the end of a text that was cut cannot be told. */
const HEAD_LENGTH = 8;

/** A shorter part of a base64 text is no sign of a secret. */
const MIN_BASE64_LENGTH = 8;

/**
 * Replaces every occurrence of the secrets by `[redacted]`, whether they stand in the text as they
 * are, in base64, or with their special characters escaped, as JSON (also within JSON), HTML and
 * URLs do. Secrets that overlap are replaced as one.
 *
 * @param text The text, such as an error's message or the body of a refusal. It is cut at 16,384
 * UTF-16 code units, and left out if there are more than 10,000 secrets to look for.
 * @param secrets What must not be told, such as what `secretsIn` found. Shorter ones than 8 UTF-16 code
 * units are left alone: they are words that stand everywhere.
 */
export function redact(text: string, secrets: readonly string[]): string {
  if (secrets.length > MAX_SECRETS) return "[left out: too many secrets to look for]";
  const isCut = text.length > MAX_TEXT_LENGTH;
  const looked = text.slice(0, MAX_TEXT_LENGTH);
  const asIs = undecoded(looked);
  const plain = decoded(looked);
  const spans = secrets.flatMap((secret) => {
    if (secret.length < MIN_SECRET_LENGTH) return [];
    // No more of it can occur.
    const start = secret.slice(0, 2 * MAX_TEXT_LENGTH);
    const withoutEscapes = decoded(start).text;
    return [
      // What is little but escapes is looked for as it is.
      ...(withoutEscapes.length < HEAD_LENGTH / 2
        ? occurrences(asIs, start, isCut)
        : occurrences(plain, withoutEscapes, isCut)),
      ...base64Writings(start).flatMap((writing) => occurrences(plain, writing, isCut)),
    ];
  });
  const end = isCut ? looked.length - HEAD_LENGTH : looked.length;
  return replaceSpans(looked.slice(0, end), spans.sort((a, b) => a.start - b.start));
}

interface Span {
  readonly start: number;
  readonly end: number;
}

function replaceSpans(text: string, spans: readonly Span[]): string {
  let result = "";
  let end = 0;
  for (const span of spans) {
    if (span.start >= end) result += `${text.slice(end, span.start)}${REDACTED}`;
    end = Math.max(end, span.end);
  }
  return result + text.slice(end);
}

/** A text without escapes, and where in the text before each of its code units stood. */
interface DecodedText {
  readonly text: string;
  readonly startOf: (index: number) => number;
  readonly endOf: (index: number) => number;
}

/**
 * Where a secret stands in a text, its start at the end of a text that was cut included. By the
 * algorithm of Knuth, Morris and Pratt: no choice of text and secret makes it slow.
 */
function occurrences(
  { text, startOf, endOf }: DecodedText,
  secret: string,
  isCut: boolean,
): Span[] {
  // Nearly always it does not occur, and this tells so much faster.
  if (secret === "" || !text.includes(secret.slice(0, HEAD_LENGTH))) return [];
  const spans: Span[] = [];
  const add = (from: number, to: number) => {
    spans.push({ start: startOf(from), end: endOf(to - 1) });
  };
  const borders = bordersOf(secret);
  let matched = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    while (matched > 0 && unit !== secret.charCodeAt(matched)) matched = borders[matched - 1] ?? 0;
    if (unit === secret.charCodeAt(matched)) matched++;
    if (matched < secret.length) continue;
    add(at + 1 - matched, at + 1);
    matched = borders[matched - 1] ?? 0;
  }
  if (isCut && matched > 0) add(text.length - matched, text.length);
  return spans;
}

/** For each start of a text, how long its longest part is that it both begins and ends with. */
function bordersOf(text: string): Uint32Array {
  const borders = new Uint32Array(text.length);
  let length = 0;
  for (let at = 1; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    while (length > 0 && unit !== text.charCodeAt(length)) length = borders[length - 1] ?? 0;
    if (unit === text.charCodeAt(length)) length++;
    borders[at] = length;
  }
  return borders;
}

/**
 * The part of a secret's base64 that is the same whatever stands before and after it: a group of
 * base64 is made of three bytes, and the secret can begin at each of the three.
 */
function base64Writings(secret: string): string[] {
  const bytes = new TextEncoder().encode(secret);
  const writings = new Set<string>();
  for (const [before, foreign] of [[0, 0], [1, 2], [2, 3]] as const) {
    const written = base64("\0".repeat(before), bytes);
    const wholeGroups = Math.floor((before + bytes.length) / 3) * 4;
    const writing = written.slice(foreign, wholeGroups);
    if (writing.length < MIN_BASE64_LENGTH) continue;
    writings.add(decoded(writing).text);
    writings.add(writing.replaceAll("+", "-").replaceAll("/", "_"));
  }
  return [...writings];
}

function base64(before: string, bytes: Uint8Array): string {
  let binary = before;
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

function undecoded(text: string): DecodedText {
  return { text, startOf: (index) => index, endOf: (index) => index + 1 };
}

/** Escapes may be escaped again; deeper than this is no writing that occurs. */
const MAX_ROUNDS = 4;

function decoded(text: string): DecodedText {
  let result = undecoded(text);
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const next = decodeOnce(result);
    if (next === undefined) break;
    result = next;
  }
  return result;
}

/**
 * One escape: of JSON (a run of backslashes, since JSON within JSON doubles them), of a URL, of HTML.
 * A control character is taken for the letter that JSON escapes it by, and `+` for a blank, as in a
 * form. What is no escape is changed too, but in the secret as in the text.
 */
const ESCAPE =
  /\\+(?:u([0-9a-f]{4})|x([0-9a-f]{2}))?|((?:%[0-9a-f]{2})+)|&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(quot|amp|apos|lt|gt));|[\b\f\n\r\t\v+]/gi;

const NAMED: Readonly<Record<string, string>> = {
  quot: '"',
  amp: "&",
  apos: "'",
  lt: "<",
  gt: ">",
  "\b": "b",
  "\f": "f",
  "\n": "n",
  "\r": "r",
  "\t": "t",
  "\v": "v",
  "+": " ",
};

function decodeOnce({ text, startOf, endOf }: DecodedText): DecodedText | undefined {
  const matches = [...text.matchAll(ESCAPE)];
  if (matches.length === 0) return undefined;
  const parts: string[] = [];
  const starts: number[] = [];
  const ends: number[] = [];
  const take = (piece: string, from: number, to: number) => {
    parts.push(piece);
    // More than one unit for one escape, or the same number: each from its own place or from all.
    const isUnitForUnit = piece.length === to - from;
    for (let unit = 0; unit < piece.length; unit++) {
      starts.push(startOf(isUnitForUnit ? from + unit : from));
      ends.push(endOf(isUnitForUnit ? from + unit : to - 1));
    }
  };
  let at = 0;
  for (const match of matches) {
    take(text.slice(at, match.index), at, match.index);
    at = match.index + match[0].length;
    const run = match[3];
    if (run === undefined) take(meaningOf(match), match.index, at);
    else takeUrlEscapes(run, match.index, take);
  }
  take(text.slice(at), at, text.length);
  return {
    text: parts.join(""),
    startOf: (index) => starts[index] ?? 0,
    endOf: (index) => ends[index] ?? 0,
  };
}

function meaningOf([whole, json, hex, , decimal, hexadecimal, name]: RegExpExecArray): string {
  const unit = json ?? hex;
  if (unit !== undefined) return String.fromCharCode(parseInt(unit, 16));
  const code = decimal === undefined ? parseInt(hexadecimal ?? "", 16) : Number(decimal);
  if (code <= 0x10ffff) return String.fromCodePoint(code);
  // Backslashes before anything else mean nothing by themselves.
  return NAMED[name?.toLowerCase() ?? whole] ?? "";
}

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** Each escape is one byte of UTF-8; each character has its own. */
function takeUrlEscapes(
  run: string,
  start: number,
  take: (piece: string, from: number, to: number) => void,
): void {
  const bytes = Uint8Array.from(run.slice(1).split("%"), (hex) => parseInt(hex, 16));
  let from = start;
  for (const character of utf8.decode(bytes)) {
    const to = Math.min(start + run.length, from + 3 * new TextEncoder().encode(character).length);
    take(character, from, to);
    from = to;
  }
}
