/**
 * The input of a call without its secrets, for events and the transcript.
 *
 * @module
 */

import { REDACTED } from "../../internal/redaction/secrets.ts";
import { isJsonObject } from "../../internal/json.ts";
import { withoutLogins } from "../../protocol/placeholders.ts";
import { type FieldShape, isListShape } from "../../protocol/shapes.ts";
import { isApiOperation } from "./api_input.ts";
import { API_INPUTS } from "./api_inputs.gen.ts";

/** Fields that may contain secrets, as may the values of every map. */
const SECRET_FIELDS: ReadonlySet<string> = new Set([
  "command",
  "entryPoint",
  "instanceIdentityDocument",
  "instanceIdentityDocumentSignature",
]);

/**
 * Copies the fields of an input that are known to the operation, with `[redacted]` instead of
 * environments, commands, and the values of maps, and without logins in URLs.
 *
 * @param operation The operation's name.
 * @param input Its input, as parsed JSON.
 */
export function redactedInput(operation: string, input: unknown): unknown {
  return isApiOperation(operation) ? redacted(API_INPUTS[operation].input, input) : undefined;
}

function redacted(shape: FieldShape, value: unknown): unknown {
  if (value === null || value === undefined) return value;
  if (isListShape(shape)) {
    const [inner] = shape;
    return Array.isArray(value) ? value.map((entry) => redacted(inner, entry)) : REDACTED;
  }
  if (typeof shape === "string" && shape !== "map") {
    if (typeof value === "string") return withoutLogins(value);
    return typeof value === "object" ? REDACTED : value;
  }
  if (!isJsonObject(value)) return REDACTED;
  if (typeof shape === "string") {
    return Object.fromEntries(Object.keys(value).map((key) => [key, REDACTED]));
  }
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, field]) => {
      const inner = Object.hasOwn(shape, name) ? shape[name] : undefined;
      return inner === undefined ? [] : [[name, redactedField(name, inner, field)]];
    }),
  );
}

function redactedField(name: string, shape: FieldShape, value: unknown): unknown {
  if (SECRET_FIELDS.has(name)) return value === null || value === "" ? value : REDACTED;
  if (name !== "environment") return redacted(shape, value);
  // The names of variables are kept.
  return Array.isArray(value)
    ? value.map((entry) => isJsonObject(entry) ? { name: entry.name, value: REDACTED } : REDACTED)
    : REDACTED;
}
