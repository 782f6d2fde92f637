/**
 * Errors in one line, for logs.
 *
 * @module
 */

import { redact } from "./secrets.ts";

/** How much of a text that others wrote goes into one line, in characters. */
const MAX_LENGTH = 500;

/**
 * Describes an error and its causes: names, codes and messages.
 *
 * @param error Whatever was thrown.
 * @param secrets Texts that must not be told, such as those of the message being handled.
 * @returns One line.
 */
export function describeError(error: unknown, secrets: readonly string[] = []): string {
  return redact(chain(error).join(" <- "), secrets).replace(/[\p{Cc}\s]+/gu, " ")
    .slice(0, MAX_LENGTH);
}

function chain(error: unknown, depth = 0): string[] {
  if (!(error instanceof Error)) return [String(error)];
  const code = "code" in error && typeof error.code === "string" ? ` (${error.code})` : "";
  const told = `${error.name}${code}: ${error.message}`;
  if (error.cause === undefined || depth >= 3) return [told];
  return [told, ...chain(error.cause, depth + 1)];
}

/** What was thrown, as an error. */
export function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown), { cause: thrown });
}
