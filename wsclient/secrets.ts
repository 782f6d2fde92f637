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
const MIN_SECRET_LENGTH = 8;

/** Fields whose text is secret wherever they are. */
const SECRET_FIELDS: ReadonlySet<string> = new Set([
  "secretAccessKey",
  "sessionToken",
  "config",
  "hostConfig",
]);

const REDACTED = "[redacted]";

/**
 * Collects the secret strings of a message, at any depth: `secretAccessKey`, `sessionToken`, the
 * values of a container's `environment`, and `config` and `hostConfig` of a `dockerConfig`.
 *
 * @param message A decoded message, or any part of one.
 * @returns Each secret of at least 8 characters once, in no particular order.
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
      const { config, hostConfig } = dockerConfig;
      addStrings(secrets, [config, hostConfig, ...environmentIn(config)]);
    }
  }
  return [...secrets];
}

/**
 * Copies a message without its secrets: where {@linkcode secretsIn} would find one, however short,
 * the copy says `[redacted]`.
 *
 * @param message A message, or any part of one.
 */
export function withoutSecrets(message: unknown): unknown {
  if (message === undefined) return undefined;
  const text = JSON.stringify(message, (name, value: unknown) => {
    if (SECRET_FIELDS.has(name)) return typeof value === "string" ? REDACTED : value;
    if (name !== "environment" || !isJsonObject(value)) return value;
    return Object.fromEntries(Object.keys(value).map((key) => [key, REDACTED]));
  });
  return JSON.parse(text);
}

/**
 * Replaces every occurrence of the secrets by `[redacted]`, whether they stand in the text as they
 * are or with their special characters escaped, as JSON (also within JSON), HTML and URLs do.
 * Secrets that overlap are replaced as one.
 *
 * @param text The text, such as an error's message or the body of a refusal.
 * @param secrets What must not be told, such as what {@linkcode secretsIn} found.
 */
export function redact(text: string, secrets: readonly string[]): string {
  const spans = secrets
    .filter((secret) => secret !== "")
    .flatMap((secret) => occurrences(text, anyWritingOf(secret)))
    .sort((a, b) => a.start - b.start);
  let result = "";
  let end = 0;
  for (const span of spans) {
    if (span.start >= end) result += text.slice(end, span.start) + REDACTED;
    end = Math.max(end, span.end);
  }
  return result + text.slice(end);
}

function anyWritingOf(secret: string): RegExp {
  const characters = Array.from(secret, (character) => {
    if (/\w/.test(character)) return character;
    const code = character.codePointAt(0) ?? 0;
    const hex = code.toString(16).padStart(2, "0");
    const writings = ["\\\\*\\u{" + hex + "}", `%${hex}`, `&#${code};`, `&#x${hex};`];
    return `(?:${
      [...writings, ...jsonEscapes(character), "\\\\+u" + hex.padStart(4, "0")].join("|")
    })`;
  });
  return new RegExp(characters.join(""), "giu");
}

/** The values of the environment in Docker's own configuration, JSON with a list of `NAME=value`. */
function environmentIn(config: unknown): string[] {
  try {
    const parsed: unknown = JSON.parse(String(config));
    const list = isJsonObject(parsed) ? parsed.Env : undefined;
    return Array.isArray(list) ? list.map((entry) => String(entry).replace(/^[^=]*=/, "")) : [];
  } catch {
    // Not JSON: then it is a secret as a whole only.
    return [];
  }
}

interface Span {
  readonly start: number;
  readonly end: number;
}

function occurrences(text: string, writing: RegExp): Span[] {
  const spans: Span[] = [];
  for (let match = writing.exec(text); match !== null; match = writing.exec(text)) {
    spans.push({ start: match.index, end: match.index + match[0].length });
    // The next may overlap this one.
    writing.lastIndex = match.index + 1;
  }
  return spans;
}

/** How JSON writes a control character that has a letter: a line break as backslash and n. */
function jsonEscapes(character: string): string[] {
  const written = JSON.stringify(character).slice(1, -1);
  return /^\\[a-z]$/.test(written) ? [`\\\\+${written.slice(1)}`] : [];
}

function addStrings(secrets: Set<string>, values: readonly unknown[]): void {
  for (const value of values) {
    if (typeof value === "string" && value.length >= MIN_SECRET_LENGTH) secrets.add(value);
  }
}
