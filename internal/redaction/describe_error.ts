/**
 * Errors in one line, for logs.
 *
 * @module
 */

import { oneLine } from "../one_line.ts";
import { redact } from "./redact.ts";

/**
 * Describes an error and its causes: names, codes and messages.
 *
 * @param error Whatever was thrown.
 * @param secrets Texts that must not be told, such as those of the message being handled.
 * @returns One line.
 */
export function describeError(error: unknown, secrets: readonly string[] = []): string {
  return oneLine(redact(chain(error).join(" <- "), secrets));
}

/** What is said of a value that throws when it is asked for its text. */
const UNTELLABLE = "something that cannot be told as a text";

function chain(error: unknown, depth = 0): string[] {
  if (!(error instanceof Error)) return [textOf(() => error)];
  const { cause } = error;
  const told = textOf(() => {
    const code = "code" in error && typeof error.code === "string" ? ` (${error.code})` : "";
    return `${String(error.name)}${code}: ${String(error.message)}`;
  });
  if (depth >= 3) return [told];
  const parts = error instanceof AggregateError ? error.errors.slice(0, 3) : [];
  return [
    told,
    ...[cause, ...parts].filter((each) => each !== undefined)
      .flatMap((each) => chain(each, depth + 1)),
  ];
}

function textOf(value: () => unknown): string {
  try {
    return String(value());
  } catch {
    // Anything can be thrown, and an error about an error helps nobody.
    return UNTELLABLE;
  }
}

/** What was thrown, as an error. */
export function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(textOf(() => thrown), { cause: thrown });
}
