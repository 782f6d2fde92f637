/**
 * References in a scenario to results of earlier steps: `$web.taskArn`.
 *
 * @module
 */

import { valueAt } from "../control/input_error.ts";

const REFERENCE = /^\$([A-Za-z_][\w-]*)((?:\.[\w-]+)*)$/;

/** The form of the names of results. */
export const RESULT_NAME = /^[A-Za-z_][\w-]*$/;

/** The results of steps by their names in the scenario. */
export type Results = ReadonlyMap<string, unknown>;

/** A reference names a missing field. */
export class ReferenceNotFoundError extends Error {
  /** Always `"ReferenceNotFoundError"`. */
  override readonly name = "ReferenceNotFoundError";
}

/**
 * All strings, at any depth, that begin with a dollar sign but are not references to a known
 * result.
 */
export function referenceProblems(value: unknown, known: ReadonlySet<string>): string[] {
  return texts(value).flatMap((text) => {
    if (!isReference(text)) return [];
    const name = REFERENCE.exec(text)?.[1];
    if (name === undefined) {
      return [`${JSON.stringify(text)} is not a reference; write $$ for a dollar sign`];
    }
    if (known.has(name)) return [];
    return [`${JSON.stringify(text)}: no earlier step has "as": ${JSON.stringify(name)}`];
  });
}

/** Whether there is a reference in a value, at any depth. */
export function hasReference(value: unknown): boolean {
  return texts(value).some(isReference);
}

/**
 * Replaces references with results.
 *
 * @param value A value with references at any depth.
 * @param results The results.
 * @throws {ReferenceNotFoundError} If a result has no such field.
 */
export function resolve(value: unknown, results: Results): unknown {
  if (typeof value === "string") return resolveText(value, results);
  if (Array.isArray(value)) return value.map((entry) => resolve(entry, results));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [name, resolve(field, results)]),
  );
}

function resolveText(text: string, results: Results): unknown {
  if (text.startsWith("$$")) return text.slice(1);
  const match = REFERENCE.exec(text);
  if (match === null) return text;
  const [, name = "", path = ""] = match;
  const result = results.get(name);
  const found = valueAt(result, path.split(".").slice(1));
  if (found !== undefined) return found;
  const fields = typeof result === "object" && result !== null ? Object.keys(result) : [];
  throw new ReferenceNotFoundError(
    `${text}: the result has ${fields.length === 0 ? "no fields" : fields.join(", ")}`,
  );
}

function isReference(text: string): boolean {
  return text.startsWith("$") && !text.startsWith("$$");
}

function texts(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(texts);
}
