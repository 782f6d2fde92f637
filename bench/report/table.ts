/**
 * Results as a table in plain text.
 *
 * @module
 */

import { type Goal, isMet, isNear, type Row } from "../row.ts";
import { formatNumber } from "./format_number.ts";
import type { PartResults } from "./results.ts";

/** One row as text; missing values are empty. */
export type Cells = Readonly<Record<(typeof COLUMNS)[number]["key"], string>>;

const COLUMNS = [
  { key: "what", head: "what", isNumber: false },
  { key: "runtime", head: "on", isNumber: false },
  { key: "yardstick", head: "compared with", isNumber: false },
  { key: "bare", head: "", isNumber: true },
  { key: "session", head: "session", isNumber: true },
  { key: "unit", head: "unit", isNumber: false },
  { key: "ratio", head: "ratio", isNumber: true },
  { key: "quartiles", head: "quartiles", isNumber: false },
  { key: "processorRatio", head: "CPU", isNumber: true },
  { key: "goal", head: "goal", isNumber: false },
  { key: "verdict", head: "", isNumber: false },
  { key: "note", head: "", isNumber: false },
] as const;

/** The whole table, in aligned columns. */
export function formatTable({ date, versions, processors, rows }: PartResults): string {
  const lines = rows.map(cellsOf);
  const columns = COLUMNS.map(({ key, head, isNumber }) => {
    const cells = [head, ...lines.map((line) => line[key])];
    const width = Math.max(...cells.map((cell) => cell.length));
    return cells.map((cell) => isNumber ? cell.padStart(width) : cell.padEnd(width));
  });
  const text = ["", ...lines].map((_, line) =>
    columns.map((cells) => cells[line] ?? "").join("  ").trimEnd()
  );
  const where = `${date}, ${versions.Deno}, ${versions.Node}, ${processors} processors`;
  return `${
    text.join("\n")
  }\n\n${where}; ratio: session divided by what it is compared with; CPU: the same for CPU time\n`;
}

/** One row, printed while the run continues. */
export function formatRow(row: Row): string {
  const cells = cellsOf(row);
  return COLUMNS.map(({ key }) => cells[key]).filter((cell) => cell !== "").join("  ");
}

/** The cells of one row. */
export function cellsOf(row: Row): Cells {
  const { what, runtime, unit, session, bare, ratio, processorRatio, goals, note } = row;
  const yardstick = row.yardstick ?? "bare loop";
  return {
    what,
    runtime,
    yardstick: bare === undefined ? "" : yardstick,
    bare: formatNumber(bare),
    session: formatNumber(session),
    unit,
    ratio: ratio?.toFixed(2) ?? "",
    quartiles: formatQuartiles(row),
    processorRatio: processorRatio?.toFixed(2) ?? "",
    goal: goals.map((goal) => formatGoal(goal, row)).join(", "),
    verdict: verdictOf(row),
    note: note ?? "",
  };
}

/** Whether the row meets its goals; empty if it has none. */
function verdictOf(row: Row): string {
  const missed = row.goals.filter((goal) => !isMet(goal, row));
  if (row.goals.length === 0) return "";
  if (missed.length === 0) return "met";
  return missed.every((goal) => isNear(goal, row)) ? "missed, within the quartiles" : "missed";
}

function formatQuartiles({ ratio, quartiles, rounds }: Row): string {
  if (quartiles === undefined || rounds.length < 2) return "";
  const format = (value: number) => ratio === undefined ? formatNumber(value) : value.toFixed(2);
  return `${format(quartiles.lower)} to ${format(quartiles.upper)}`;
}

function formatGoal({ of, is, limit }: Goal, { unit }: Row): string {
  const sign = is === "at least" ? "≥" : "≤";
  return of === "ratio" ? `${sign} ${limit.toFixed(2)}` : `${sign} ${limit} ${unit}`;
}
