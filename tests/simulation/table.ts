/**
 * The table of simulations: one line per seed.
 *
 * @module
 */

import type { SeedRun } from "./seeds.ts";

interface Column {
  readonly title: string;
  readonly width: number;
  readonly value: (run: SeedRun) => string;
}

const COLUMNS: readonly Column[] = [
  { title: "seed", width: 10, value: ({ seed }) => String(seed) },
  { title: "level", width: 5, value: ({ level }) => level },
  { title: "days", width: 6, value: ({ result }) => (result.simulatedMs / 86_400_000).toFixed(1) },
  { title: "connects", width: 8, value: ({ result }) => String(result.connects) },
  { title: "messages", width: 8, value: ({ result }) => String(result.messages) },
  { title: "faults", width: 6, value: ({ result }) => String(faultCount(result.faults)) },
  {
    title: "recovery",
    width: 9,
    value: ({ result }) => `${(result.worstRecoveryMs / 1000).toFixed(0)} s`,
  },
  {
    title: "ready",
    width: 7,
    value: ({ result }) => `${(100 * result.readyShare).toFixed(1)} %`,
  },
  {
    title: "wrong",
    width: 5,
    value: ({ result }) => `${(result.wrongReadyMs / 1000).toFixed(0)} s`,
  },
  {
    title: "heap",
    width: 7,
    value: ({ result }) => `${(result.heapBytes / 2 ** 20).toFixed(0)} MB`,
  },
  {
    title: "grown",
    width: 7,
    value: ({ result }) => `${(result.grownBytes / 2 ** 20).toFixed(1)} MB`,
  },
  { title: "CPU", width: 7, value: ({ result }) => `${(result.cpuMs / 1000).toFixed(1)} s` },
];

const SHA256: Column = {
  title: "sha256 of the trace",
  width: 64,
  value: ({ result }) => result.sha256,
};

/** The columns that a narrow terminal does without, in this order. */
const DISPENSABLE = ["heap", "CPU", "messages", "connects", "days", "grown"];

/** The fewest digits of a hash that are shown. */
const MIN_DIGITS = 8;

const GAP = "  ";

/**
 * The titles of the columns.
 *
 * @param width The width of the terminal: columns that do not fit are left out.
 */
export function tableHead(width: number = Infinity): string {
  return columnsFor(width).map((column) =>
    column.title.slice(0, column.width).padStart(column.width)
  )
    .join(GAP);
}

/**
 * The line of one seed.
 *
 * @param run The seed.
 * @param width The width of the terminal.
 */
export function tableRow(run: SeedRun, width: number = Infinity): string {
  return columnsFor(width).map((column) => {
    const value = column.value(run);
    return column.title === SHA256.title
      ? value.slice(0, column.width)
      : value.padStart(column.width);
  }).join(GAP);
}

function columnsFor(width: number): readonly Column[] {
  let shown = COLUMNS;
  const rest = () => width - shown.reduce((sum, each) => sum + each.width + GAP.length, 0);
  for (const title of DISPENSABLE) {
    if (rest() >= MIN_DIGITS) break;
    shown = shown.filter((column) => column.title !== title);
  }
  return [...shown, { ...SHA256, width: Math.max(MIN_DIGITS, Math.min(rest(), SHA256.width)) }];
}

/** How often each kind of fault happened in all of them. */
export function faultTotals(runs: readonly ReadonlyMap<string, number>[]): string {
  const totals = new Map<string, number>();
  for (const faults of runs) {
    for (const [kind, count] of faults) totals.set(kind, count + (totals.get(kind) ?? 0));
  }
  if (totals.size === 0) return "none";
  return [...totals].sort().map(([kind, count]) => `${kind}: ${count}`).join(", ");
}

function faultCount(faults: ReadonlyMap<string, number>): number {
  return [...faults.values()].reduce((sum, count) => sum + count, 0);
}
