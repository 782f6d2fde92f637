/**
 * One line of the table of results.
 *
 * @module
 */

import type { RuntimeName } from "./programs.ts";
import { median } from "./statistics.ts";

/** What is to be reached. */
export interface Goal {
  /** Which of the row's numbers counts. */
  readonly of: "ratio" | "session";
  /** Whether it must be at least the limit or at most. */
  readonly is: "at least" | "at most";
  /** The limit. */
  readonly limit: number;
}

/** What one round found. */
export interface Round {
  /** The session's number, in the row's unit. */
  readonly session: number;
  /** The bare loop's, where there is one to compare with. */
  readonly bare?: number | undefined;
  /** The processor time of the session by that of the bare loop, where the system tells it. */
  readonly processorRatio?: number | undefined;
}

/** One line. */
export interface Row {
  /** What was measured. */
  readonly what: string;
  /** On which runtime. */
  readonly runtime: RuntimeName;
  /** The unit of `session` and `bare`. */
  readonly unit: string;
  /** The median of the rounds. */
  readonly session: number;
  /** The median of the rounds. */
  readonly bare?: number | undefined;
  /** The median of what the rounds have as session by bare. */
  readonly ratio?: number | undefined;
  /** The same for processor time. */
  readonly processorRatio?: number | undefined;
  /** What is to be reached. */
  readonly goals: readonly Goal[];
  /** How many sessions were in the process, where that is what was varied. */
  readonly sessions?: number | undefined;
  /** What else there is to say of it, in a few words. */
  readonly note?: string | undefined;
  /** Each round. */
  readonly rounds: readonly Round[];
}

/** What is known of a line before it is measured. */
export type RowHead = Pick<Row, "what" | "runtime" | "unit" | "goals" | "sessions" | "note">;

/** Makes a line of its rounds. */
export function rowOf(
  head: RowHead,
  rounds: readonly Round[],
): Row {
  const ratios = rounds.map(({ session, bare }) => bare === undefined ? undefined : session / bare);
  return {
    ...head,
    session: median(rounds.map(({ session }) => session)),
    bare: medianOfKnown(rounds.map(({ bare }) => bare)),
    ratio: medianOfKnown(ratios),
    processorRatio: medianOfKnown(rounds.map(({ processorRatio }) => processorRatio)),
    rounds,
  };
}

/** Whether a goal is reached. */
export function isMet({ of, is, limit }: Goal, row: Row): boolean {
  const value = row[of] ?? NaN;
  return is === "at least" ? value >= limit : value <= limit;
}

function medianOfKnown(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : median(known);
}
