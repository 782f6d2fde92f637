/**
 * Errors from runtimes and transports, reported unchanged only if they contain no secret of the
 * request. Some quote the request, others the answer, which may quote the request.
 *
 * @module
 */

import { describeError } from "../internal/redaction/describe_error.ts";
import { ConnectError } from "../errors.ts";
import { factsOf } from "../failures/error_facts.ts";
import { createRedactor } from "../internal/redaction/redact.ts";
import { safeGet } from "../internal/safe_get.ts";

/** An error with more values is not reported unchanged. Those of runtimes have about ten. */
const MAX_VALUES = 500;

/** An error with more text is not reported unchanged, in UTF-16 code units. Our choice. */
const MAX_TEXT_LENGTH = 65_536;

/** Fields that may be getters, of the error or of its class. */
const FIELDS = ["name", "message", "stack", "code", "systemCode", "cause"] as const;

/**
 * An error that may be reported.
 *
 * @param thrown What was thrown; anything at all.
 * @param secrets What it must not contain anywhere.
 * @returns What was thrown; if it contains a secret or cannot be searched for one, a
 * {@linkcode ConnectError} that says the same without the secret and without the cause.
 */
export function redactError(thrown: unknown, secrets: readonly string[]): unknown {
  if (secrets.length === 0 || isSafe(thrown, secrets)) return thrown;
  const { systemCodes: [systemCode], host } = factsOf(thrown);
  return new ConnectError(describeError(thrown, secrets), {
    ...(systemCode !== undefined && { systemCode: describeError(systemCode, secrets) }),
    ...(host !== undefined && { host: describeError(host, secrets) }),
    ...(safeGet(thrown, "retryable") === false && { retryable: false }),
  });
}

/** Whether a value contains no secret: in its texts, its causes, its own properties. */
function isSafe(thrown: unknown, secrets: readonly string[]): boolean {
  const redact = createRedactor(secrets);
  const seen = new Set<unknown>();
  const rest: unknown[] = [thrown];
  let length = 0;
  try {
    while (rest.length > 0) {
      const value = rest.pop();
      const text = asText(value);
      length += text.length;
      if (length > MAX_TEXT_LENGTH || redact(text) !== text) return false;
      if (typeof value !== "object" || value === null || seen.has(value)) continue;
      if (seen.add(value).size > MAX_VALUES) return false;
      rest.push(...partsOf(value));
      if (rest.length > MAX_VALUES) return false;
    }
    return true;
  } catch {
    // A field that cannot be read cannot be searched.
    return false;
  }
}

function asText(value: unknown): string {
  if (typeof value === "string") return value;
  if (!ArrayBuffer.isView(value)) return "";
  const length = Math.min(value.byteLength, MAX_TEXT_LENGTH + 1);
  return new TextDecoder().decode(new Uint8Array(value.buffer, value.byteOffset, length));
}

/**
 * Own properties, including those that are not enumerable, and getters that errors are known to
 * have.
 */
function partsOf(value: object): unknown[] {
  if (ArrayBuffer.isView(value)) return [];
  const own = Reflect.ownKeys(value);
  // A list of all of them would be too long.
  if (own.length > MAX_VALUES) return own;
  const held = own.map((key) => Reflect.getOwnPropertyDescriptor(value, key)?.value);
  return [...held, ...FIELDS.map((field) => Reflect.get(value, field))];
}
