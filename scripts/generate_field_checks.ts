/**
 * Writes wsclient/field_checks.ts from the table in wsclient/shapes.ts: run it after a change of that.
 *
 * @module
 */

import { join } from "node:path";
import { type FieldShape, isListShape, SHAPES, type StructureShape } from "../wsclient/shapes.ts";
import { run } from "./npm/command.ts";
import { ROOT } from "./npm/deno_config.ts";

const PATH = join(ROOT, "wsclient", "field_checks.ts");

const HEAD = `/**
 * Whether the fields of a received message have the JSON types of the table in \`shapes.ts\`. Made from
 * it by \`deno task generate:checks\`, so that each field is asked for by its name, which takes a tenth
 * of the time of going through a message with the table. Change the table, not this.
 *
 * @module
 */

import type { ReceivedMessageType } from "./messages.ts";

type Fields = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && !Array.isArray(value);
}

function isMissing(value: unknown): value is null | undefined {
  return value === undefined || value === null;
}

function string(value: unknown): boolean {
  return typeof value === "string" || isMissing(value);
}

function boolean(value: unknown): boolean {
  return typeof value === "boolean" || isMissing(value);
}

// The greatest 64-bit integer becomes 2^63 when JSON.parse rounds it, so 2^63 itself passes.
function integer(value: unknown): boolean {
  return isMissing(value) ||
    (typeof value === "number" && Number.isInteger(value) && Math.abs(value) <= 2 ** 63);
}

function double(value: unknown): boolean {
  return isMissing(value) || Number.isFinite(value);
}

function map(value: unknown): boolean {
  if (isMissing(value)) return true;
  if (!isObject(value)) return false;
  for (const key in value) {
    const entry = value[key];
    if (typeof entry !== "string" && entry !== null) return false;
  }
  return true;
}

`;

/** The functions written so far, by name. */
const functions = new Map<string, string>();

/** The name of the function for a shape that has occurred. */
const names = new Map<FieldShape, string>();

/** Writes what a shape needs; returns the name of its function. */
function functionFor(shape: FieldShape, field: string): string {
  if (typeof shape === "string") return shape;
  const known = names.get(shape);
  if (known !== undefined) return known;
  const text = isListShape(shape) ? listBody(shape, field) : structureBody(shape);
  const same = [...functions].find(([, other]) => other === text)?.[0];
  const name = same ?? freeName(nameOf(shape, field));
  names.set(shape, name);
  functions.set(name, text);
  return name;
}

/** A list of plain values occurs in many fields; all others are named by the first they occur in. */
function nameOf(shape: FieldShape, field: string): string {
  return isListShape(shape) && typeof shape[0] === "string" ? `${shape[0]}List` : field;
}

function listBody([inner]: readonly [FieldShape], field: string): string {
  const check = functionFor(inner, itemName(inner, field));
  return `(value: unknown): boolean {
  if (isMissing(value)) return true;
  if (!Array.isArray(value)) return false;
  for (let index = 0; index < value.length; index++) {
    if (!${check}(value[index])) return false;
  }
  return true;
}`;
}

function itemName(shape: FieldShape, field: string): string {
  return typeof shape === "string" ? shape : `${field}Item`;
}

function structureBody(shape: StructureShape): string {
  // Most fields of most messages are missing, and that is quicker to see without a call.
  const fields = Object.entries(shape).map(([name, field]) =>
    `(value.${name} === undefined || ${functionFor(field, name)}(value.${name}))`
  );
  return `(value: unknown): boolean {
  if (isMissing(value)) return true;
  return isObject(value) && ${fields.join(" && ")};
}`;
}

function freeName(field: string): string {
  let name = field;
  for (let count = 2; functions.has(name); count++) name = `${field}${count}`;
  return name;
}

const checks = Object.entries(SHAPES).map(([type, shape]) =>
  `${type}: ${functionFor(shape, type[0]?.toLowerCase() + type.slice(1))}`
);
const bodies = [...functions].map(([name, text]) => `function ${name}${text}\n`);
const source = `${HEAD}${bodies.join("\n")}
/** A check for each message: whether every field has the right type, or is missing or null. */
export const FIELD_CHECKS: Readonly<Record<ReceivedMessageType, (message: unknown) => boolean>> = {
  ${checks.join(",\n  ")},
};
`;
await Deno.writeTextFile(PATH, source);
await run(Deno.execPath(), ["fmt", "--quiet", PATH], { cwd: ROOT });
