/**
 * Errors of runtimes and of transports, shown only if they hold nothing that was secret in the
 * request. Some quote the request, others what was answered, which may quote the request.
 *
 * @module
 */

import { describeError } from "./describe_error.ts";
import { ConnectError } from "../../errors.ts";
import { redact } from "./redact.ts";

/** An error with more to look at than this is not shown. Those of runtimes have some ten values. */
const MAX_VALUES = 500;

/**
 * An error that may be shown.
 *
 * @param thrown What was thrown.
 * @param secrets What it must not hold, anywhere in it.
 * @returns What was thrown; if it holds a secret, an error that says the same without it, and without
 * the cause.
 */
export function discreetError(thrown: unknown, secrets: readonly string[]): unknown {
  if (secrets.length === 0 || !holds(thrown, secrets)) return thrown;
  const { code, retryable } = Object(thrown);
  return new ConnectError(describeError(thrown, secrets), {
    ...(typeof code === "string" && { code: redact(code, secrets) }),
    ...(retryable === false && { retryable }),
  });
}

/** Whether a secret is anywhere in a value: in its texts, its causes, its own properties. */
function holds(thrown: unknown, secrets: readonly string[]): boolean {
  const seen = new Set<unknown>();
  const rest: unknown[] = [thrown];
  while (rest.length > 0) {
    const value = rest.pop();
    if (value instanceof Uint8Array) rest.push(new TextDecoder().decode(value));
    else if (typeof value === "string" && redact(value, secrets) !== value) return true;
    if (typeof value !== "object" || value === null || seen.has(value)) continue;
    if (seen.add(value).size > MAX_VALUES) return true;
    rest.push(...ownValues(value));
  }
  return false;
}

/** Those that are not enumerable, such as a message, too; what cannot be read cannot be shown. */
function ownValues(value: object): unknown[] {
  if (value instanceof Uint8Array) return [];
  return Reflect.ownKeys(value).map((key) => {
    const property = Reflect.getOwnPropertyDescriptor(value, key);
    return property !== undefined && "value" in property ? property.value : undefined;
  });
}
