/**
 * Calls one operation of an emulator's control plane.
 *
 * @module
 */

import process from "node:process";
import { describeProblem } from "../emulator/control/input_error.ts";
import { isOperationName, type OperationName, OPERATIONS } from "../emulator/control/operations.ts";
import { isJsonObject } from "../internal/json.ts";
import { nearestName } from "../internal/option_names.ts";
import { printableJson } from "../internal/printable_json.ts";
import { callControl, type SendFlags } from "./call_control.ts";
import { UsageError } from "./exit.ts";
import { terminalOf } from "./terminal.ts";
import { wrapText } from "./wrap_text.ts";

/** Fields that are not an operation's own belong to this one of them. */
const SHORTHANDS: { readonly [N in OperationName]?: string } = {
  "attach-network-interface": "networkInterface",
  "attach-volume": "properties",
  "inject-fault": "fault",
  "run-task": "task",
  "send": "message",
  "send-task-manifest": "message",
  "wait-for": "where",
};

/**
 * Calls an operation and prints what it returns.
 *
 * @param name The operation's name; `list` prints all names, or the fields of one operation.
 * @param fields Its input, as `key=value`.
 * @param flags The emulator's URL and token.
 * @returns The exit code.
 * @throws {CommandFailure} If there is no such operation, its input does not fit, or it fails.
 */
export async function callOperation(
  name: string,
  fields: readonly string[],
  flags: SendFlags,
): Promise<number> {
  if (name === "list") {
    const [operation, ...others] = fields;
    if (others.length > 0) throw usage("list has at most one field: the name of an operation");
    process.stdout.write(
      `${operation === undefined ? operationTable() : aboutOperation(operation)}\n`,
    );
    return 0;
  }
  return await send(operationNamed(name), parseFields(operationNamed(name), fields), flags);
}

/** Finds an operation by name. */
function operationNamed(name: string): OperationName {
  if (!isOperationName(name)) {
    const nearest = nearestName(name, Object.keys(OPERATIONS));
    const hint = nearest === undefined
      ? "npx @acs/session send list shows all"
      : `did you mean ${nearest}?`;
    throw usage(`there is no operation ${name.slice(0, 64)}; ${hint}`);
  }
  return name;
}

function operationTable(): string {
  const width = Math.max(...Object.keys(OPERATIONS).map((name) => name.length));
  const { columns } = terminalOf(process.stdout);
  const lines = Object.entries(OPERATIONS).flatMap(([name, { summary }]) =>
    wrapText(summary, columns, `${name.padEnd(width)}  `)
  );
  return [...lines, "", "npx @acs/session send list OPERATION shows its fields."].join("\n");
}

/** Describes an operation and its fields. */
function aboutOperation(name: string): string {
  const operation = operationNamed(name);
  const { summary, fields, choices } = OPERATIONS[operation];
  const { columns } = terminalOf(process.stdout);
  const inner = SHORTHANDS[operation];
  const lines = fields.map((field) => {
    const values = choices[field] === undefined ? "" : `: ${choices[field].join(", ")}`;
    return wrapText(`${field}${values}`, columns, "  ").join("\n");
  });
  return [
    ...wrapText(`${name}: ${summary}`, columns),
    ...lines.length === 0 ? ["It has no fields."] : ["Fields:", ...lines],
    ...inner === undefined ? [] : wrapText(`Other fields are fields of ${inner}.`, columns),
  ].join("\n");
}

/**
 * The input of an operation.
 *
 * @param operation The operation.
 * @param fields Its fields as `key=value`.
 * @throws {CommandFailure} If one has no value, or does not fit the operation.
 */
export function parseFields(
  operation: OperationName,
  fields: readonly string[],
): Record<string, unknown> {
  const input: Record<string, unknown> = {};
  const { fields: known, check, readOnly } = OPERATIONS[operation];
  for (const field of fields) {
    const [, key, text = ""] = /^([^=]+)=(.*)$/s.exec(field) ?? [];
    if (key === undefined) throw usage(`${field} is not of the form key=value`);
    const path = key.split(".");
    const shorthand = SHORTHANDS[operation];
    if (shorthand !== undefined && !known.includes(path[0] ?? "")) path.unshift(shorthand);
    // The values in the query of a GET are text.
    setField(input, path, readOnly ? text : parseValue(text));
  }
  const [problem] = check(input);
  if (problem !== undefined) throw usage(`${operation}: ${describeProblem(problem)}`);
  return input;
}

function setField(target: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [name = "", ...rest] = path;
  const before = Object.hasOwn(target, name) ? target[name] : undefined;
  if (rest.length === 0) {
    if (before !== undefined) throw usage(`${name} is given twice`);
    target[name] = value;
    return;
  }
  if (before !== undefined && !isJsonObject(before)) {
    throw usage(`${name} already has a value, so it cannot have the field ${rest[0]}`);
  }
  const inner: Record<string, unknown> = { ...before };
  setField(inner, rest, value);
  target[name] = inner;
}

function parseValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Text needs no quotes.
    return text;
  }
}

async function send(
  operation: OperationName,
  input: Readonly<Record<string, unknown>>,
  flags: SendFlags,
): Promise<number> {
  const { readOnly } = OPERATIONS[operation];
  const answer = await callControl(operation, flags, readOnly ? { query: input } : { body: input });
  process.stdout.write(`${printableJson(answer, 2)}\n`);
  return 0;
}

function usage(message: string): UsageError {
  return new UsageError(message);
}
