/**
 * Results as lines of text.
 *
 * @module
 */

import { type Goal, isMet, type Row } from "../row.ts";
import type { Results } from "./results.ts";

const HEAD = ["what", "on", "bare", "session", "unit", "ratio", "CPU", "goal", ""];

/** The whole table, in columns. */
export function formatTable({ date, versions, processors, rows }: Results): string {
  const lines = [HEAD, ...rows.map(cellsOf)];
  const widths = HEAD.map((_, column) =>
    Math.max(...lines.map((line) => line[column]?.length ?? 0))
  );
  const text = lines.map((line) =>
    line.map((cell, column) => pad(cell, column, widths[column] ?? 0)).join("  ").trimEnd()
  );
  const where = `${date}, ${versions.Deno}, ${versions.Node}, ${processors} processors`;
  return `${text.join("\n")}\n\n${where}; ratio: session by bare loop; CPU: its processor time\n`;
}

/** One line, as it is found. */
export function formatRow(row: Row): string {
  return cellsOf(row).filter((cell) => cell !== "").join("  ");
}

/** The columns of one line. */
export function cellsOf(row: Row): string[] {
  const { what, runtime, unit, session, bare, ratio, processorRatio, goals } = row;
  return [
    what,
    runtime,
    formatNumber(bare),
    formatNumber(session),
    unit,
    ratio?.toFixed(2) ?? "",
    processorRatio?.toFixed(2) ?? "",
    goals.map((goal) => formatGoal(goal, row)).join(", "),
    goals.length === 0 ? "" : goals.every((goal) => isMet(goal, row)) ? "met" : "missed",
  ];
}

/** A number with as many digits as mean something. */
export function formatNumber(value: number | undefined): string {
  if (value === undefined) return "";
  return value.toLocaleString(
    "en",
    value < 100 ? { maximumSignificantDigits: 3 } : {
      maximumFractionDigits: 0,
    },
  );
}

function formatGoal({ of, is, limit }: Goal, { unit }: Row): string {
  const sign = is === "at least" ? "≥" : "≤";
  return of === "ratio" ? `${sign} ${limit.toFixed(2)}` : `${sign} ${limit} ${unit}`;
}

/** Words to the left, numbers to the right. */
function pad(cell: string, column: number, width: number): string {
  const isNumber = ["bare", "session", "ratio", "CPU"].includes(HEAD[column] ?? "");
  return isNumber ? cell.padStart(width) : cell.padEnd(width);
}
