/**
 * Finds the field of the wrong type in a received message, by the table in `shapes.ts`. Whether there
 * is one at all, `field_checks.gen.ts` reports faster. Nothing is generated at run time, and nothing of the
 * message but known field names is ever in an answer.
 *
 * @module
 */

import { RECEIVED_MESSAGE_TYPES } from "./message_types.ts";
import type { ReceivedMessageType } from "./messages.ts";
import { type FieldShape, isListShape, SHAPES, type StructureShape } from "./shapes.ts";

/**
 * Looks for a field of the wrong JSON type. Missing and null fields fit everywhere; fields that the
 * table does not know are not looked at.
 *
 * @returns Where it is and what is wrong, such as
 * `tasks[0].containers[2].cpu: expected integer, got string`; `undefined` if the message fits.
 */
export function findProblem(type: ReceivedMessageType, message: unknown): string | undefined {
  if (!isJsonObject(message)) return `message${wrong("object", message)}`;
  return checks.get(type)?.(message)?.slice(1);
}

/**
 * Makes the same check for a part of a message.
 *
 * @param shape What the part has to look like.
 * @returns A function that says where a value is wrong, beginning with `.field` or `[index]`, or
 * nothing if it fits.
 */
export function shapeCheck(shape: FieldShape): (value: unknown) => string | undefined {
  return compile(shape);
}

/** Whether a JSON value is an object, neither null nor a list. */
export function isJsonObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What a value is, in words that tell nothing of its content: `string`, `number`, `list`, … */
export function jsonTypeOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "list" : typeof value;
}

// Answers with what is wrong, after the path to it from the value checked, such as
// `[0].cpu: expected integer, got string`. The path grows on the way back only, so that a message
// without a problem costs no strings.
type Check = (value: unknown) => string | undefined;

const checks: ReadonlyMap<ReceivedMessageType, Check> = new Map(
  RECEIVED_MESSAGE_TYPES.map((type) => [type, compile(SHAPES[type])]),
);

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

// Goes through the fields that are there rather than those that could be: most of a task's are not.
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

// The greatest 64-bit integer becomes 2^63 when JSON.parse rounds it, so 2^63 itself passes.
function isInt64(value: unknown): boolean {
  return typeof value === "number" && Number.isInteger(value) && Math.abs(value) <= 2 ** 63;
}

function wrong(expected: string, value: unknown): string {
  return `: expected ${expected}, got ${jsonTypeOf(value)}`;
}
