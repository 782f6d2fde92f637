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
    width: 6,
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
  { title: "sha256 of the trace", width: 64, value: ({ result }) => result.sha256 },
];

/** The titles of the columns. */
export function tableHead(): string {
  return COLUMNS.map(({ title, width }) => title.padStart(width)).join("  ");
}

/** The line of one seed. */
export function tableRow(run: SeedRun): string {
  return COLUMNS.map(({ width, value }) => value(run).padStart(width)).join("  ");
}

/** How often each kind of fault happened in all of them. */
export function faultTotals(runs: readonly ReadonlyMap<string, number>[]): string {
  const totals = new Map<string, number>();
  for (const faults of runs) {
    for (const [kind, count] of faults) totals.set(kind, count + (totals.get(kind) ?? 0));
  }
  return [...totals].sort().map(([kind, count]) => `${kind}: ${count}`).join(", ");
}

function faultCount(faults: ReadonlyMap<string, number>): number {
  return [...faults.values()].reduce((sum, count) => sum + count, 0);
}
