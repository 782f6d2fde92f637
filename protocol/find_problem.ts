/**
 * Finds the field of the wrong type in a received message, using the table in `shapes.ts`.
 * `field_checks.gen.ts` answers faster whether there is one. Nothing is generated at run time, and
 * an answer contains nothing of the message except the names of known fields.
 *
 * @module
 */

import { isJsonObject, jsonTypeOf } from "../internal/json.ts";
import type { ReceivedMessageType } from "./messages.ts";
import { type FieldShape, isListShape, SHAPES, type StructureShape } from "./shapes.ts";

/**
 * Looks for a field of the wrong JSON type. Missing and null fields are always accepted; fields
 * that the table does not list are not checked.
 *
 * @returns Where it is and what is wrong, such as
 * `tasks[0].containers[2].cpu: expected integer, got string`; `undefined` if all types are right.
 */
export function findProblem(type: ReceivedMessageType, message: unknown): string | undefined {
  if (!isJsonObject(message)) return `message${wrong("object", message)}`;
  return checkOf(type)(message)?.slice(1);
}

/**
 * Creates the same check for a part of a message.
 *
 * @param shape The shape of the part.
 * @returns A function that says where a value is wrong, starting with `.field` or `[index]`, or
 * returns nothing if it is right.
 */
export function shapeCheck(shape: FieldShape): (value: unknown) => string | undefined {
  return compile(shape);
}

// Returns the problem with the path to it from the checked value, such as
// `[0].cpu: expected integer, got string`. The path is only built on the way back, so that a
// message without a problem creates no strings.
type Check = (value: unknown) => string | undefined;

/** Those that have been needed: most processes never receive a message with a problem. */
const checks = new Map<ReceivedMessageType, Check>();

function checkOf(type: ReceivedMessageType): Check {
  const known = checks.get(type);
  if (known !== undefined) return known;
  const check = compile(SHAPES[type]);
  checks.set(type, check);
  return check;
}

function compile(shape: FieldShape): Check {
  switch (shape) {
    case "string":
    case "boolean":
      return (value) => value === null || typeof value === shape ? undefined : wrong(shape, value);
    case "integer":
      return (value) => value === null || isInt64(value) ? undefined : wrong(shape, value);
    case "double":
      return (value) => value === null || Number.isFinite(value) ? undefined : wrong(shape, value);
    case "map":
      return checkMap;
  }
  return isListShape(shape) ? compileList(shape[0]) : compileStructure(shape);
}

// Iterates over the existing fields rather than the possible ones: most of a task's fields are
// missing.
function compileStructure(shape: StructureShape): Check {
  const fields = new Map(Object.entries(shape).map(([name, field]) => [name, compile(field)]));
  return (value) => {
    if (value === null) return undefined;
    if (!isJsonObject(value)) return wrong("object", value);
    for (const name in value) {
      const problem = fields.get(name)?.(value[name]);
      if (problem !== undefined) return `.${name}${problem}`;
    }
    return undefined;
  };
}

function compileList(shape: FieldShape): Check {
  const check = compile(shape);
  return (value) => {
    if (value === null) return undefined;
    if (!Array.isArray(value)) return wrong("list", value);
    for (let index = 0; index < value.length; index++) {
      const problem = check(value[index]);
      if (problem !== undefined) return `[${index}]${problem}`;
    }
    return undefined;
  };
}

// The keys of a map are content, so a problem does not say which entry it is.
function checkMap(value: unknown): string | undefined {
  if (value === null) return undefined;
  if (!isJsonObject(value)) return wrong("map", value);
  for (const key in value) {
    const entry = value[key];
    if (typeof entry !== "string" && entry !== null) return `.*${wrong("string", entry)}`;
  }
  return undefined;
}

// The greatest 64-bit integer becomes 2^63 when JSON.parse rounds it, so 2^63 itself is accepted.
function isInt64(value: unknown): boolean {
  return typeof value === "number" && Number.isInteger(value) && Math.abs(value) <= 2 ** 63;
}

function wrong(expected: string, value: unknown): string {
  return `: expected ${expected}, got ${jsonTypeOf(value)}`;
}
