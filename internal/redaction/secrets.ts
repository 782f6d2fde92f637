/**
 * Knows a message's secrets, so that they can be kept out of what is told: of error texts that other
 * code has written, such as an error thrown by a handler, and of copies. Not used for every message.
 *
 * @module
 */

import { type FieldShape, isListShape, SHAPES } from "../../protocol/shapes.ts";
import { isJsonObject } from "../../protocol/find_problem.ts";

/**
 * Shorter strings are not taken for secrets, in UTF-16 code units: replacing `true` or `8080`
 * everywhere would make a text unreadable and protect nothing.
 */
export const MIN_SECRET_LENGTH = 8;

/** Fields that hold what only the task is to know, beside all maps such as `environment`. */
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
  // Told only where it is all that there is, as in an ErrorMessage.
  "message",
];

/** The fields that only messages of the agent have. */
const SENT_FIELDS: readonly string[] = ["cluster", "containerInstance", "reason", "stopCandidates"];

/** The fields that may be told. What a message has beside them could be anything. */
const TOLD_FIELDS: ReadonlySet<string> = toldFields();

/** What stands in place of a secret. */
export const REDACTED = "[redacted]";

/** Deeper than this is nothing that a message is known to have. */
const MAX_DEPTH = 20;

/**
 * Collects the secret strings of a message, at any depth: keys and tokens, what containers are
 * started with (`environment`, `command`, `entryPoint`, `overrides`, `dockerConfig`), the values of
 * every other map, and all that is in fields which this package does not know.
 *
 * @param message A decoded message, or any part of one.
 * @returns Each secret of at least 8 characters once, in no particular order. Of text that is JSON
 * or `NAME=value` also the strings or the value in it.
 */
export function secretsIn(message: unknown): string[] {
  const secrets = new Set<string>();
  if (isNothingButText(message)) return [];
  const seen = new Set<unknown>();
  // A list of what is left instead of recursion, since unknown fields may be nested at any depth.
  const rest: { readonly value: unknown; readonly isSecret: boolean }[] = [
    { value: message, isSecret: false },
  ];
  for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
    const { value, isSecret } = next;
    if (typeof value === "string" && isSecret && !secrets.has(value)) {
      if (value.length >= MIN_SECRET_LENGTH) secrets.add(value);
      for (const part of partsOf(value)) rest.push({ value: part, isSecret });
    }
    if (typeof value !== "object" || value === null || seen.has(value)) continue;
    seen.add(value);
    const isTold = (name: string) => Array.isArray(value) || TOLD_FIELDS.has(name);
    for (const [name, field] of Object.entries(value)) {
      rest.push({ value: field, isSecret: isSecret || !isTold(name) });
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
  return isNothingButText(message) ? { ...message } : copyTold(message, 0);
}

/** Whether a message is nothing but the service's words to people, such as an ErrorMessage. */
function isNothingButText(message: unknown): message is Record<string, unknown> {
  if (!isJsonObject(message)) return false;
  const [name, ...others] = Object.keys(message);
  return name === "message" && others.length === 0 && typeof message["message"] === "string";
}

function copyTold(value: unknown, depth: number): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (depth > MAX_DEPTH) return REDACTED;
  if (Array.isArray(value)) return value.map((entry) => copyTold(entry, depth + 1));
  return Object.fromEntries(
    Object.entries(value).filter(([, field]) => field !== undefined).map(([name, field]) => [
      name,
      TOLD_FIELDS.has(name) ? copyTold(field, depth + 1) : redactedField(name, field),
    ]),
  );
}

/** Of an environment the names are told. */
function redactedField(name: string, field: unknown): unknown {
  if (field === null) return null;
  if (name !== "environment" || !isJsonObject(field)) return REDACTED;
  return Object.fromEntries(Object.keys(field).map((key) => [key, REDACTED]));
}

/** What stands in a text that may itself be quoted without the rest. */
function partsOf(text: string): unknown[] {
  const [, assigned] = /^[\w.-]+=(.*)$/s.exec(text) ?? [];
  if (assigned !== undefined) return [assigned];
  if (!/^\s*[{[]/.test(text)) return [];
  try {
    return [JSON.parse(text)];
  } catch {
    // Not JSON: then it is a secret as a whole only.
    return [];
  }
}

function toldFields(): Set<string> {
  const told = new Set<string>();
  const add = (shape: FieldShape) => {
    if (typeof shape === "string") return;
    if (isListShape(shape)) return add(shape[0]);
    for (const [name, field] of Object.entries(shape)) {
      if (field !== "map") told.add(name);
      add(field);
    }
  };
  for (const shape of Object.values(SHAPES)) add(shape);
  for (const name of SENT_FIELDS) told.add(name);
  for (const name of SECRET_FIELDS) told.delete(name);
  return told;
}
