/**
 * Descriptions of the problems in an input, which name the field.
 *
 * @module
 */

import type * as v from "@badrap/valita";
import { jsonTypeOf } from "../../internal/json.ts";
import { nameHint, nearestName } from "../../internal/option_names.ts";

/** One problem. */
export interface InputProblem {
  /** The field: its path, as names of fields and indexes of lists. */
  readonly path: readonly (string | number)[];
  /** The description, without any of the input's values. */
  readonly text: string;
  /** Whether another value could fix it, as opposed to another field. */
  readonly ofValue: boolean;
}

/** An input is invalid. */
export class InvalidInputError extends Error {
  /** Always `"InvalidInputError"`. */
  override readonly name = "InvalidInputError";
  /** All problems. */
  readonly problems: readonly InputProblem[];

  /**
   * Creates the error from all problems.
   *
   * @param problems All problems.
   */
  constructor(problems: readonly InputProblem[]) {
    super(problems.map(describeProblem).join("; "));
    this.problems = problems;
  }
}

/** Describes one problem: `task.cpu: expected double, got string`. */
export function describeProblem({ path, text }: InputProblem): string {
  const where = path.map((key) => typeof key === "number" ? `[${key}]` : `.${key}`).join("");
  return where === "" ? text : `${where.replace(/^\./, "")}: ${text}`;
}

/** The value at a path; `undefined` if there is none. */
export function valueAt(value: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((found, key) => {
    const isThere = typeof found === "object" && found !== null && Object.hasOwn(found, key);
    return isThere ? Reflect.get(found, key) : undefined;
  }, value);
}

/**
 * Describes the issues that the library found.
 *
 * @param input The input.
 * @param issues Its issues.
 * @param known The fields that it may have.
 * @param inner The known fields of nested objects, by the name of the field that contains the
 * object.
 */
export function inputProblems(
  input: unknown,
  issues: v.Err["issues"],
  known: readonly string[],
  inner: Readonly<Record<string, readonly string[]>> = {},
): InputProblem[] {
  return issues.flatMap((issue): InputProblem[] => {
    const { path } = issue;
    const wrong = (text: string) => [{ path, text, ofValue: true }];
    switch (issue.code) {
      case "missing_value":
        return [{ path, text: "is missing", ofValue: false }];
      case "unrecognized_keys":
        return issue.keys.map((key) => ({
          path: [...path, key],
          text: `unknown field${
            nameHint(String(key), path.length === 0 ? known : inner[String(path.at(-1))] ?? [])
          }`,
          ofValue: false,
        }));
      case "invalid_type":
        return wrong(
          `expected ${issue.expected.join(" or ")}, got ${jsonTypeOf(valueAt(input, path))}`,
        );
      case "invalid_literal":
        return wrong(choiceProblem(valueAt(input, path), issue.expected));
      case "invalid_length":
        return wrong(`a list of another length is expected`);
      case "custom_error":
        return wrong(issue.message ?? "does not fit");
      case "invalid_union":
        return inputProblems(valueAt(input, path), issue.issues, known, inner)
          .map((problem) => ({ ...problem, path: [...path, ...problem.path] }));
    }
  });
}

/**
 * Describes a value that is not one of the valid values.
 *
 * @param value The value, which does not appear in the description.
 * @param choices The valid values.
 */
export function choiceProblem(value: unknown, choices: readonly unknown[]): string {
  const texts = choices.filter((choice) => typeof choice === "string");
  const nearest = typeof value === "string" ? nearestName(value, texts) : undefined;
  return nearest === undefined
    ? `expected ${choices.map((each) => JSON.stringify(each)).join(" or ")}`
    : `unknown value; did you mean ${JSON.stringify(nearest)}?`;
}
