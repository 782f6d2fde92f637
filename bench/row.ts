/**
 * One row of the table of results.
 *
 * @module
 */

import type { RuntimeName } from "./programs.ts";
import { median, type Quartiles, quartiles } from "./statistics.ts";

/** A goal of a row. */
export interface Goal {
  /** The number of the row that the goal applies to. */
  readonly of: "ratio" | "session";
  /** Whether it must be at least the limit or at most. */
  readonly is: "at least" | "at most";
  /** The limit. */
  readonly limit: number;
}

/** The result of one round. */
export interface Round {
  /** The session's number, in the row's unit. */
  readonly session: number;
  /** The yardstick's number, if the row has a yardstick. */
  readonly bare?: number | undefined;
  /** The session's CPU time divided by the yardstick's, where the system reports it. */
  readonly processorRatio?: number | undefined;
}

/** One row. */
export interface Row {
  /** What was measured. */
  readonly what: string;
  /** The runtime. */
  readonly runtime: RuntimeName;
  /** The unit of `session` and `bare`. */
  readonly unit: string;
  /** The median of the rounds. */
  readonly session: number;
  /** The median of the rounds. */
  readonly bare?: number | undefined;
  /** The yardstick. Default: the bare loop. */
  readonly yardstick?: "least process" | undefined;
  /** The median of the rounds' ratios, session divided by yardstick. */
  readonly ratio?: number | undefined;
  /** The quartiles of the ratios, or of the session's numbers in a row without ratios. */
  readonly quartiles?: Quartiles | undefined;
  /** The same for CPU time. */
  readonly processorRatio?: number | undefined;
  /** The goals. */
  readonly goals: readonly Goal[];
  /** The number of sessions in the process, if that was varied. */
  readonly sessions?: number | undefined;
  /** A short remark. */
  readonly note?: string | undefined;
  /** Each round. */
  readonly rounds: readonly Round[];
}

/** The part of a row that is known before the measurement. */
export type RowHead = Pick<
  Row,
  "what" | "runtime" | "unit" | "goals" | "sessions" | "note" | "yardstick"
>;

/** Makes a row of its rounds. */
export function rowOf(
  head: RowHead,
  rounds: readonly Round[],
): Row {
  const numbers = rounds.map(({ session }) => session);
  const ratios = rounds.flatMap(({ session, bare }) => bare === undefined ? [] : session / bare);
  return {
    ...head,
    session: median(numbers),
    bare: medianOfKnown(rounds.map(({ bare }) => bare)),
    ratio: medianOfKnown(ratios),
    quartiles: quartiles(ratios.length === 0 ? numbers : ratios),
    processorRatio: medianOfKnown(rounds.map(({ processorRatio }) => processorRatio)),
    rounds,
  };
}

/** Whether a row meets a goal. */
export function isMet({ of, is, limit }: Goal, row: Row): boolean {
  const value = row[of] ?? NaN;
  return is === "at least" ? value >= limit : value <= limit;
}

/** Whether a row misses a goal by less than its interquartile range. */
export function isNear({ of, limit }: Goal, row: Row): boolean {
  const isOfQuartiles = of === "ratio" || row.ratio === undefined;
  if (!isOfQuartiles || row.quartiles === undefined) return false;
  return Math.abs((row[of] ?? NaN) - limit) < row.quartiles.upper - row.quartiles.lower;
}

function medianOfKnown(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : median(known);
}
