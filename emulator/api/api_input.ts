/**
 * Checks the input of a call, and copies the fields that the operation knows.
 *
 * @module
 */

import { isJsonObject, jsonTypeOf } from "../../internal/json.ts";
import { type FieldShape, isListShape } from "../../protocol/shapes.ts";
import { EcsApiError, invalidParameter } from "./api_error.ts";
import { API_INPUTS } from "./api_inputs.gen.ts";
import type { ApiInput, ApiOperation } from "./api_operation.ts";
import { inputProblem, inputShape } from "./input_check.ts";

/** The names of all operations that the emulator serves. */
export const API_OPERATIONS: readonly string[] = Object.keys(API_INPUTS);

/** Whether the emulator serves an operation. */
export function isApiOperation(name: string): name is ApiOperation {
  return Object.hasOwn(API_INPUTS, name);
}

/**
 * Reads an input: fields unknown to the operation, and nulls, are omitted.
 *
 * @param operation The operation.
 * @param input The input, as parsed JSON.
 * @throws {EcsApiError} If it does not have the operation's shape, or lacks a required field.
 */
export function readApiInput<N extends ApiOperation>(operation: N, input: unknown): ApiInput<N> {
  if (!isJsonObject(input)) {
    throw serialization(`The body must be a JSON object, not ${jsonTypeOf(input)}`);
  }
  const problem = inputProblem(operation, input)?.slice(1);
  if (problem !== undefined) throw serialization(problem);
  const { required } = API_INPUTS[operation];
  const missing = required.filter((name) => (input[name] ?? "") === "");
  if (missing.length > 0) throw invalidParameter(`${missing.join(", ")} must not be empty`);
  const copy: unknown = copyOf(inputShape(operation), input);
  assertInput(operation, copy);
  return copy;
}

function assertInput<N extends ApiOperation>(
  operation: N,
  value: unknown,
): asserts value is ApiInput<N> {
  const problem = inputProblem(operation, value);
  if (problem !== undefined) throw new Error(`the copy of an input does not fit: ${problem}`);
}

function serialization(message: string): EcsApiError {
  return new EcsApiError("SerializationException", message);
}

function copyOf(shape: FieldShape, value: unknown): unknown {
  if (isListShape(shape)) {
    const [inner] = shape;
    return Array.isArray(value)
      ? value.filter((entry) => entry !== null).map((entry) => copyOf(inner, entry))
      : [];
  }
  if (typeof shape === "string" && shape !== "map") return value;
  if (!isJsonObject(value)) return {};
  const fields = Object.entries(value).filter(([, field]) => field !== null && field !== undefined);
  if (typeof shape === "string") return Object.fromEntries(fields);
  return Object.fromEntries(
    fields.flatMap(([name, field]) => {
      const inner = Object.hasOwn(shape, name) ? shape[name] : undefined;
      return inner === undefined ? [] : [[name, copyOf(inner, field)]];
    }),
  );
}
