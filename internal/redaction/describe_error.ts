/**
 * Describes errors in one line, for logs. Anything can be thrown: nothing here throws, and nothing
 * takes longer the larger a value is.
 *
 * @module
 */

import { oneLine } from "../one_line.ts";
import { createRedactor } from "./redact.ts";
import type { Secrets } from "./secrets.ts";
import { isError, isSafeList, safeGet, safeText } from "../safe_get.ts";

/**
 * How much of an error's message is read, in UTF-16 code units; 500 of the whole description are
 * reported.
 */
const MAX_PART_LENGTH = 4_096;

/** How many errors are described: the error, its causes, the errors in an `AggregateError`. */
const MAX_PARTS = 8;

/** Maximum depth of causes that are read. */
const MAX_DEPTH = 3;

/** Maximum number of an `AggregateError`'s errors that are read. */
const MAX_ERRORS = 3;

/** Maximum length of a description, in UTF-16 code units. */
const MAX_DESCRIPTION_LENGTH = 500;

/** Maximum length of an error's name and code, in UTF-16 code units. */
const MAX_NAME_LENGTH = 100;

/**
 * Describes an error and its causes: names, codes and messages.
 *
 * @param error Whatever was thrown.
 * @param secrets What must not be reported, such as the secrets of the message being handled.
 * @returns One line of at most 500 characters.
 */
export function describeError(error: unknown, secrets: Secrets = []): string {
  const redact = createRedactor(secrets);
  const parts: string[] = [];
  let length = 0;
  for (const each of errorsOf(error)) {
    const part = redact(partOf(each));
    parts.push(part);
    length += part.length;
    if (length > MAX_PART_LENGTH) break;
  }
  return oneLine(parts.join(" <- "), MAX_DESCRIPTION_LENGTH);
}

/** Replaces a value that throws when it is converted to a string. */
const UNPRINTABLE = "a value that cannot be printed";

/** The error, its causes, and the first errors that it aggregates. */
function errorsOf(error: unknown): unknown[] {
  const found: unknown[] = [];
  const seen = new Set<unknown>();
  const visit = (value: unknown, depth: number): void => {
    if (found.length >= MAX_PARTS || seen.has(value)) return;
    found.push(value);
    seen.add(value);
    if (depth >= MAX_DEPTH || typeof value !== "object") return;
    const cause = safeGet(value, "cause");
    if (cause !== undefined && isErrorLike(value)) visit(cause, depth + 1);
    const errors = safeGet(value, "errors");
    if (!isSafeList(errors)) return;
    for (let index = 0; index < MAX_ERRORS; index++) {
      const each = safeGet(errors, index);
      if (each !== undefined) visit(each, depth + 1);
    }
  };
  visit(error, 0);
  return found;
}

/** By its fields, since other copies of a package and other realms have different classes. */
function isErrorLike(value: unknown): boolean {
  return isError(value) || safeText(value, "message") !== undefined;
}

function partOf(value: unknown): string {
  if (!isErrorLike(value)) return textOf(value);
  const codes = [safeText(value, "code"), safeText(value, "systemCode")]
    .filter((code) => code !== undefined && code !== "")
    .map((code) => code?.slice(0, MAX_NAME_LENGTH));
  const name = textOf(safeGet(value, "name") ?? "Error").slice(0, MAX_NAME_LENGTH);
  const message = textOf(safeGet(value, "message"));
  return `${name}${codes.length === 0 ? "" : ` (${codes.join(", ")})`}: ${message}`;
}

/** The start of a value's text. */
function textOf(value: unknown): string {
  switch (typeof value) {
    case "string":
      return value.slice(0, MAX_PART_LENGTH);
    case "bigint":
      // Writing a long one takes quadratic time.
      return BigInt.asIntN(64, value) === value ? `${value}` : "a bigint of more than 64 bits";
    case "function":
      return "a function";
    case "object":
      return value === null ? "null" : objectText(value);
    default:
      return String(value).slice(0, MAX_PART_LENGTH);
  }
}

function objectText(value: object): string {
  // A list's own conversion to a string has no limit.
  if (isSafeList(value)) return "a list";
  if (ArrayBuffer.isView(value)) return "bytes";
  try {
    return String(value).slice(0, MAX_PART_LENGTH);
  } catch {
    // An error about an error would not help.
    return UNPRINTABLE;
  }
}

/**
 * Converts a thrown value to an error that can be read safely.
 *
 * @param thrown Whatever was thrown.
 * @returns The error itself; for anything else, and for an error that cannot be read or whose name
 * or message is not a string, a new one that describes it and has it as the cause.
 */
export function toError(thrown: unknown): Error {
  if (isError(thrown) && isReadable(thrown)) return thrown;
  return new Error(describeError(thrown), { cause: thrown });
}

/** The fields of an error that other code, such as a log formatter, reads. */
const READ_FIELDS = [
  "name",
  "message",
  "stack",
  "cause",
  "code",
  "systemCode",
  "errors",
] as const;

function isReadable(error: Error): boolean {
  try {
    for (const field of READ_FIELDS) Reflect.get(error, field);
    return typeof error.name === "string" && typeof error.message === "string";
  } catch {
    // It has a getter that throws.
    return false;
  }
}
