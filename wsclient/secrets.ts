/**
 * Keeps a message's secrets out of error texts that other code has written, such as an error thrown
 * by a handler. Used when something has gone wrong, not for every message.
 *
 * @module
 */

import { isJsonObject } from "./validate.ts";

/**
 * Shorter strings are not taken for secrets, in UTF-16 code units: replacing `true` or `8080`
 * everywhere would make a text unreadable and protect nothing.
 */
export const MIN_SECRET_LENGTH = 8;

/**
 * Collects the secret strings of a message, at any depth: `secretAccessKey`, `sessionToken`, the
 * values of a container's `environment`, and `config` and `hostConfig` of a `dockerConfig`.
 *
 * @param message A decoded message, or any part of one.
 * @returns Each secret of at least {@linkcode MIN_SECRET_LENGTH} once, in no particular order.
 */
export function secretsIn(message: unknown): string[] {
  const secrets = new Set<string>();
  const seen = new Set<unknown>();
  const rest = [message];
  // A list of what is left instead of recursion, since unknown fields may be nested at any depth.
  while (rest.length > 0) {
    const value = rest.pop();
    if (typeof value !== "object" || value === null || seen.has(value)) continue;
    seen.add(value);
    for (const field of Object.values(value)) rest.push(field);
    if (!isJsonObject(value)) continue;
    const { secretAccessKey, sessionToken, environment, dockerConfig } = value;
    addStrings(secrets, [secretAccessKey, sessionToken]);
    if (isJsonObject(environment)) addStrings(secrets, Object.values(environment));
    if (isJsonObject(dockerConfig)) {
      addStrings(secrets, [dockerConfig.config, dockerConfig.hostConfig]);
    }
  }
  return [...secrets];
}

/**
 * Replaces every occurrence of the secrets by `[redacted]`, whether they stand in the text as they
 * are or as the inside of a JSON string. Secrets that overlap are replaced as one.
 *
 * @param text The text, such as an error's message.
 * @param secrets What {@linkcode secretsIn} found.
 */
export function redact(text: string, secrets: readonly string[]): string {
  const spans = secrets
    .flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)])
    .flatMap((secret) => occurrences(text, secret))
    .sort((a, b) => a.start - b.start);
  let result = "";
  let end = 0;
  for (const span of spans) {
    if (span.start >= end) result += `${text.slice(end, span.start)}[redacted]`;
    end = Math.max(end, span.end);
  }
  return result + text.slice(end);
}

/**
 * Replaces secrets in a text that somebody has sent back: as {@linkcode redact} does, and also where
 * their special characters are escaped, as JSON, HTML and URLs do.
 *
 * @param text The text, such as the body of a refusal.
 * @param secrets What was sent and must not be told.
 */
export function redactEcho(text: string, secrets: readonly string[]): string {
  // The longest first: one secret may be part of another, as a signature is of its header.
  return [...secrets].filter((secret) => secret !== "").sort((a, b) => b.length - a.length)
    .reduce((rest, secret) => rest.replace(anyWritingOf(secret), "[redacted]"), text);
}

function anyWritingOf(secret: string): RegExp {
  const characters = Array.from(secret, (character) => {
    if (/\w/.test(character)) return character;
    const code = character.codePointAt(0) ?? 0;
    const hex = code.toString(16).padStart(2, "0");
    const writings = ["\\\\?\\u{" + hex + "}", `%${hex}`, `&#${code};`, `&#x${hex};`];
    return `(?:${[...writings, "\\\\u" + hex.padStart(4, "0")].join("|")})`;
  });
  return new RegExp(characters.join(""), "giu");
}

interface Span {
  readonly start: number;
  readonly end: number;
}

function occurrences(text: string, secret: string): Span[] {
  const spans: Span[] = [];
  let start = secret === "" ? -1 : text.indexOf(secret);
  while (start !== -1) {
    spans.push({ start, end: start + secret.length });
    start = text.indexOf(secret, start + 1);
  }
  return spans;
}

function addStrings(secrets: Set<string>, values: readonly unknown[]): void {
  for (const value of values) {
    if (typeof value === "string" && value.length >= MIN_SECRET_LENGTH) secrets.add(value);
  }
}
