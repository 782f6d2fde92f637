/**
 * Counts the passed and failed checks, and prints each.
 *
 * @module
 */

import { print } from "../../scripts/npm/output.ts";

/** The checks so far. */
export class Tally {
  #passed = 0;
  #failed = 0;

  /** The number of failed checks. */
  get failed(): number {
    return this.#failed;
  }

  /** Counts one check and prints its result. */
  check(what: string, problem: string | undefined): void {
    this.add(problem === undefined ? 1 : 0, problem === undefined ? 0 : 1);
    print(problem === undefined ? `  ok      ${what}` : `  FAILED  ${what}\n${indent(problem)}`);
  }

  /** Adds a number to a count. */
  add(passed: number, failed: number): void {
    this.#passed += passed;
    this.#failed += failed;
  }

  /** The totals as text. */
  toString(): string {
    return `${this.#passed} passed, ${this.#failed} failed`;
  }
}

/** Indents a text below its heading. */
export function indent(text: string): string {
  return text.trimEnd().replace(/^/gm, "          ");
}
