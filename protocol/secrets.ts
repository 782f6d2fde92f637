/**
 * Finds the secrets in a message, so that they can be redacted in errors that quote it, and copies
 * a message without them. Not used for every message.
 *
 * @module
 */

import { isJsonObject } from "../internal/json.ts";
import {
  MAX_SECRETS,
  MIN_SECRET_LENGTH,
  REDACTED,
  SECRET_START_LENGTH,
  type Secrets,
} from "../internal/redaction/secrets.ts";
import { type FieldShape, isListShape, SHAPES } from "./shapes.ts";

/**
 * Maximum number of values of a message that are searched. Our choice: ten tasks have about a
 * thousand.
 */
const MAX_VALUES = 200_000;

/**
 * Maximum length of text within strings that is parsed as JSON, in UTF-16 code units per message.
 * Our choice.
 */
const MAX_PARSED_LENGTH = 524_288;

/** Maximum nesting of values within a string, as JSON or as `NAME=value`, that is searched. */
const MAX_PARTS_WITHIN_PARTS = 16;

/** Fields that contain what only the task may know; all maps such as `environment` do as well. */
const SECRET_FIELDS: readonly string[] = [
  "secretAccessKey",
  "sessionToken",
  "config",
  "hostConfig",
  "overrides",
  "command",
  "entryPoint",
  "content",
  "agentConfiguration",
  // Reported only if the message has nothing else, as in an ErrorMessage.
  "message",
];

/** The fields that only the agent's messages have. */
const SENT_FIELDS: readonly string[] = ["cluster", "containerInstance", "reason", "stopCandidates"];

/** Fields that are safe to log, once they are needed. All others, known or not, are secret. */
let knownSafeFields: ReadonlySet<string> | undefined;

/** No known message is nested deeper than this. */
const MAX_DEPTH = 20;

/**
 * Collects the secret strings of a message, at any depth: keys and tokens, what containers are
 * started with (`environment`, `command`, `entryPoint`, `overrides`, `dockerConfig`), the values of
 * every other map, and everything in fields that this package does not know.
 *
 * @param message A decoded message, or any part of one.
 * @returns The first 1,024 UTF-16 code units of each secret of at least 8, in no particular order.
 * If a text is JSON or `NAME=value`, the strings or the value in it are included. `"too many"` if
 * the message has more values than can be searched within bounded time and memory.
 */
export function secretsIn(message: unknown): Secrets {
  if (isOnlyText(message)) return [];
  const secrets = new Set<string>();
  const seen = new Set<object>();
  // An explicit stack instead of recursion, since unknown fields may be nested at any depth.
  const rest: SearchedValue[] = [{ value: message, isSecret: false, partsAbove: 0 }];
  let values = 0;
  let parsedLength = 0;
  for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
    const { value, isSecret, partsAbove } = next;
    if (typeof value === "string" && isSecret) {
      if (value.length >= MIN_SECRET_LENGTH) secrets.add(value.slice(0, SECRET_START_LENGTH));
      if (secrets.size > MAX_SECRETS) return "too many";
      const part = partOf(value);
      if (part === undefined) continue;
      if (part.isJson) parsedLength += value.length;
      if (parsedLength > MAX_PARSED_LENGTH || partsAbove >= MAX_PARTS_WITHIN_PARTS) {
        return "too many";
      }
      const inner = part.isJson ? parseJson(part.text) : part.text;
      rest.push({ value: inner, isSecret, partsAbove: partsAbove + 1 });
    }
    if (typeof value !== "object" || value === null || seen.has(value)) continue;
    seen.add(value);
    if (Array.isArray(value)) {
      values += value.length;
      if (values > MAX_VALUES) return "too many";
      for (const entry of value) rest.push({ value: entry, isSecret, partsAbove });
      continue;
    }
    // Counted before anything is created for each: there may be millions.
    values += Object.keys(value).length;
    if (values > MAX_VALUES) return "too many";
    for (const [name, field] of Object.entries(value)) {
      rest.push({ value: field, isSecret: isSecret || !isSafeField(name), partsAbove });
    }
  }
  return [...secrets];
}

/** A value that is still to be searched. */
interface SearchedValue {
  readonly value: unknown;
  readonly isSecret: boolean;
  /** How many strings it is nested in. */
  readonly partsAbove: number;
}

/**
 * Copies a message without its secrets: wherever {@linkcode secretsIn} would find one, however
 * short, the copy has `[redacted]`.
 *
 * @param message A message, or any part of one.
 */
export function withoutSecrets(message: unknown): unknown {
  return isOnlyText(message) ? { ...message } : copySafe(message, 0);
}

/** Whether a field's value is safe to log, or has safe fields of its own. */
export function isSafeField(name: string): boolean {
  knownSafeFields ??= safeFields();
  return knownSafeFields.has(name);
}

/** Whether a message carries only a text for humans, such as an ErrorMessage. */
export function isOnlyText(message: unknown): message is Record<string, unknown> {
  if (!isJsonObject(message)) return false;
  const [name, ...others] = Object.keys(message);
  return name === "message" && others.length === 0 && typeof message["message"] === "string";
}

function copySafe(value: unknown, depth: number): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (depth > MAX_DEPTH) return REDACTED;
  if (Array.isArray(value)) return value.map((entry) => copySafe(entry, depth + 1));
  return Object.fromEntries(
    Object.entries(value).filter(([, field]) => field !== undefined).map(([name, field]) => [
      name,
      isSafeField(name) ? copySafe(field, depth + 1) : redactedField(name, field),
    ]),
  );
}

/** Keeps the names of environment variables. */
function redactedField(name: string, field: unknown): unknown {
  if (field === null) return null;
  if (name !== "environment" || !isJsonObject(field)) return REDACTED;
  return Object.fromEntries(Object.keys(field).map((key) => [key, REDACTED]));
}

/** The name in `NAME=value`. With a limit, so that a long text is not scanned again and again. */
const ASSIGNMENT = /^[\w.-]{1,4096}=/;

const STARTS_LIKE_JSON = /^\s*[{[]/;

/** The parts of a text that may be quoted without the rest; `undefined` if there are none. */
function partOf(text: string): { readonly text: string; readonly isJson: boolean } | undefined {
  const [assignment] = ASSIGNMENT.exec(text) ?? [];
  if (assignment !== undefined) return { text: text.slice(assignment.length), isJson: false };
  return STARTS_LIKE_JSON.test(text) ? { text, isJson: true } : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON: then it is only a secret as a whole.
    return undefined;
  }
}

function safeFields(): Set<string> {
  const safe = new Set<string>();
  const add = (shape: FieldShape) => {
    if (typeof shape === "string") return;
    if (isListShape(shape)) return add(shape[0]);
    for (const [name, field] of Object.entries(shape)) {
      if (field !== "map") safe.add(name);
      add(field);
    }
  };
  for (const shape of Object.values(SHAPES)) add(shape);
  for (const name of SENT_FIELDS) safe.add(name);
  for (const name of SECRET_FIELDS) safe.delete(name);
  return safe;
}
