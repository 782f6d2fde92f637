/**
 * Redacts secrets in text that other code has written. Used when something has failed, not for
 * every message; but a hostile peer may then have chosen both the secrets and the text, so every
 * step has a limit: beyond it, no part of the text is reported.
 *
 * @module
 */

import { decodeBase64Runs, type DecodedText, decodeEscapes, plainText } from "./decode_escapes.ts";
import {
  MAX_SECRETS,
  MIN_SECRET_LENGTH,
  REDACTED,
  SECRET_START_LENGTH,
  type Secrets,
} from "./secrets.ts";

/**
 * How much of a text is searched, in UTF-16 code units. Our choice: 500 of an error are reported.
 */
const MAX_SEARCHED_LENGTH = 16_384;

/**
 * How much of a longer text is reported, in UTF-16 code units. A secret that begins within it is
 * found by its start, for which the searched remainder has enough room, however it is escaped.
 */
const MAX_REPORTED_LENGTH = 8_192;

/**
 * A secret is recognized by its first 64 code units: a longer common prefix is not a coincidence.
 */
const KEY_LENGTH = 64;

/** The end of a decoded text, in code units, that a cut through an escape may have changed. */
const CUT_MARGIN = 32;

/**
 * How many UTF-16 code units of all secrets together are searched for escapes. Our choice: most
 * secrets have none, and cost nothing.
 */
const MAX_DECODED_LENGTH = 524_288;

/** Shorter keys are not searched for: they would be found everywhere. */
const MIN_KEY_LENGTH = 4;

/** Replaces a text that cannot be searched within the limits. */
const NOT_SEARCHED = "[redacted: too many secrets to search for]";

/**
 * Cuts a text before its first secret, whether the secret appears literally, in base64, or with its
 * special characters escaped, as JSON (also within JSON), HTML and URLs do. The text after the
 * secret is not reported either.
 *
 * @param text The text, such as an error's message or the body of a refusal. A text of more than
 * 16,384 UTF-16 code units is truncated at 8,192.
 * @param secrets What to search for, such as the result of `secretsIn`; no part of the text is
 * reported if there are too many to search for. Secrets of less than 8 UTF-16 code units are
 * ignored: they are common words.
 * @returns The text; if it contains a secret, the part before it and `[redacted]`.
 */
export function redact(text: string, secrets: Secrets): string {
  return createRedactor(secrets)(text);
}

/**
 * Prepares a search for the same secrets in several texts.
 *
 * @param secrets As for {@linkcode redact}.
 * @returns {@linkcode redact} for these secrets.
 */
export function createRedactor(secrets: Secrets): (text: string) => string {
  const keys = secrets === "too many" ? undefined : keysOf(secrets);
  if (keys === undefined) return () => NOT_SEARCHED;
  return (text) => {
    const searched = text.slice(0, MAX_SEARCHED_LENGTH);
    const reported = text.length > MAX_SEARCHED_LENGTH
      ? searched.slice(0, MAX_REPORTED_LENGTH)
      : searched;
    if (keys.raw.length === 0) return reported;
    const at = firstSecret(searched, keys);
    return at < reported.length ? `${reported.slice(0, at)}${REDACTED}` : reported;
  };
}

/**
 * The prefixes of all secrets; each list is sorted, and none of its entries begins with another.
 */
interface Keys {
  /** Literally. */
  readonly raw: readonly string[];
  /** Without escapes. */
  readonly plain: readonly string[];
  /** Without escapes, and without the parts that base64 may mix with the text before and after. */
  readonly cores: readonly string[];
}

/** The keys; `undefined` if creating them would exceed a limit. */
function keysOf(secrets: readonly string[]): Keys | undefined {
  if (secrets.length > MAX_SECRETS) return undefined;
  const raw: string[] = [];
  const plain: string[] = [];
  const cores: string[] = [];
  let decodedLength = 0;
  for (const secret of secrets) {
    if (secret.length < MIN_SECRET_LENGTH) continue;
    const start = secret.slice(0, SECRET_START_LENGTH);
    // A secret that `secretsIn` has cut looks the same as one that ends there.
    const isCut = start.length === SECRET_START_LENGTH;
    const whole = decodeStart(start, isCut);
    const core = decodeStart(coreOf(start, isCut), isCut);
    if (whole === undefined || core === undefined) return undefined;
    decodedLength += whole.decodedLength + core.decodedLength;
    if (decodedLength > MAX_DECODED_LENGTH) return undefined;
    raw.push(start.slice(0, KEY_LENGTH));
    // A secret that consists mostly of escapes is searched for literally.
    if (whole.key.length >= MIN_KEY_LENGTH) plain.push(whole.key);
    if (core.key.length >= MIN_KEY_LENGTH) cores.push(core.key);
  }
  return { raw: sortedKeys(raw), plain: sortedKeys(plain), cores: sortedKeys(cores) };
}

/**
 * A secret without its first and last two characters. A base64 group encodes three bytes, and a
 * secret can begin at any of them: if the text around it is missing, so are up to two bytes of the
 * secret.
 */
function coreOf(start: string, isCut: boolean): string {
  const [first = "", second = ""] = start.slice(0, 4);
  const [last = "", lastButOne = ""] = [...start.slice(-4)].reverse();
  const end = isCut ? start.length : start.length - last.length - lastButOne.length;
  return start.slice(first.length + second.length, end);
}

/** This many code units of a secret are nearly always enough without the escapes. */
const SHORT_START_LENGTH = 256;

/** The start of a secret without escapes, and how much was decoded for it. */
function decodeStart(
  start: string,
  isCut: boolean,
): { readonly key: string; readonly decodedLength: number } | undefined {
  let decodedLength = 0;
  for (const length of [SHORT_START_LENGTH, SECRET_START_LENGTH]) {
    const part = start.slice(0, length);
    const { text } = decodeEscapes(plainText(part));
    if (text !== part) decodedLength += part.length;
    const isWhole = part.length === start.length && !isCut;
    // A cut may split an escape and change the end.
    if (isWhole || text.length >= KEY_LENGTH + CUT_MARGIN) {
      return { key: text.slice(0, KEY_LENGTH), decodedLength };
    }
  }
  return undefined;
}

function sortedKeys(keys: readonly string[]): string[] {
  const sorted: string[] = [];
  let last: string | undefined;
  for (const key of [...new Set(keys)].sort()) {
    // A secret that begins with another key is found by that key.
    if (last !== undefined && key.startsWith(last)) continue;
    sorted.push(key);
    last = key;
  }
  return sorted;
}

/** The position of the first secret in a text; `Infinity` if there is none. */
function firstSecret(text: string, { raw, plain, cores }: Keys): number {
  const whole = plainText(text);
  const decoded = decodeEscapes(whole);
  let first = Math.min(firstKey(whole, raw), firstKey(decoded, plain));
  for (const run of decodeBase64Runs(decoded)) {
    const view = decodeEscapes(run);
    first = Math.min(first, firstKey(view, plain), firstKey(view, cores));
  }
  return first;
}

/**
 * The position of the first key; a binary search at each position, so that no choice of keys is
 * slow.
 */
function firstKey({ text, startOf }: DecodedText, keys: readonly string[]): number {
  for (let at = 0; at < text.length; at++) {
    const here = text.slice(at, at + KEY_LENGTH);
    const key = lastNotAfter(keys, here);
    if (key !== undefined && here.startsWith(key)) return startOf(at);
  }
  return Infinity;
}

/**
 * The last key that does not sort after a text by code units. If a key is a prefix of the text, it
 * is this one: any key between the two would begin with it.
 */
function lastNotAfter(keys: readonly string[], text: string): string | undefined {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const key = keys[middle];
    if (key !== undefined && key <= text) low = middle + 1;
    else high = middle;
  }
  return keys[low - 1];
}
