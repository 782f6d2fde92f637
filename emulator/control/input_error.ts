/**
 * What is wrong with an input, in words that name the field.
 *
 * @module
 */

import type * as v from "@badrap/valita";
import { jsonTypeOf } from "../../protocol/find_problem.ts";

/** One thing that is wrong. */
export interface InputProblem {
  /** Where: the names of fields and the places in lists that lead there. */
  readonly path: readonly (string | number)[];
  /** What, in words without any of the input's values. */
  readonly text: string;
  /** Whether another value in its place could mend it, rather than another field. */
  readonly ofValue: boolean;
}

/** An input does not fit what takes it. */
export class InvalidInputError extends Error {
  /** Always `"InvalidInputError"`. */
  override readonly name = "InvalidInputError";
  /** All that is wrong. */
  readonly problems: readonly InputProblem[];

  /**
   * Tells all problems in one text.
   *
   * @param problems All that is wrong.
   */
  constructor(problems: readonly InputProblem[]) {
    super(problems.map(describeProblem).join("; "));
    this.problems = problems;
  }
}

/** One problem in words: `task.cpu: expected double, got string`. */
export function describeProblem({ path, text }: InputProblem): string {
  const where = path.map((key) => typeof key === "number" ? `[${key}]` : `.${key}`).join("");
  return where === "" ? text : `${where.replace(/^\./, "")}: ${text}`;
}

/** The value that a path leads to; `undefined` if there is none. */
export function valueAt(value: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((found, key) => {
    const isThere = typeof found === "object" && found !== null && Object.hasOwn(found, key);
    return isThere ? Reflect.get(found, key) : undefined;
  }, value);
}

/**
 * Puts into words what the library found.
 *
 * @param input The input.
 * @param issues What is wrong with it.
 * @param known The fields that it may have.
 */
export function inputProblems(
  input: unknown,
  issues: v.Err["issues"],
  known: readonly string[],
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
          text: path.length > 0 || known.length === 0
            ? "unknown field"
            : `unknown field; known: ${known.join(", ")}`,
          ofValue: false,
        }));
      case "invalid_type":
        return wrong(
          `expected ${issue.expected.join(" or ")}, got ${jsonTypeOf(valueAt(input, path))}`,
        );
      case "invalid_literal":
        return wrong(`expected ${issue.expected.map((each) => JSON.stringify(each)).join(" or ")}`);
      case "invalid_length":
        return wrong(`a list of another length is expected`);
      case "custom_error":
        return wrong(issue.message ?? "does not fit");
      case "invalid_union":
        return inputProblems(valueAt(input, path), issue.issues, known)
          .map((problem) => ({ ...problem, path: [...path, ...problem.path] }));
    }
  });
}
