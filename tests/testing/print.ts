/**
 * Figures that a test prints for the reader of its output.
 *
 * @module
 */

import process from "node:process";

/** Prints one line. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** One bar of a histogram. */
export interface Bar {
  /** Where it begins, inclusive. */
  readonly from: number;
  /** Where it ends, exclusive. */
  readonly to: number;
  /** The number of values in it. */
  readonly count: number;
}

/** Sorts values into this many bars of equal width, from the smallest value to the largest. */
export function histogram(values: readonly number[], bars: number): Bar[] {
  const least = Math.min(...values);
  const width = Math.max(1, (Math.max(...values) + 1 - least) / bars);
  const counts = new Array<number>(bars).fill(0);
  for (const value of values) {
    const index = Math.floor((value - least) / width);
    counts[index] = (counts[index] ?? 0) + 1;
  }
  return counts.map((count, index) => ({
    from: least + index * width,
    to: least + (index + 1) * width,
    count,
  }));
}

/** Prints a histogram of times in ms, one line per bar. */
export function printHistogram(bars: readonly Bar[]): void {
  const most = Math.max(...bars.map(({ count }) => count));
  for (const { from, to, count } of bars) {
    const range = `${inSeconds(from)} to ${inSeconds(to)} s`;
    const bar = "#".repeat(Math.round(count / most * 40));
    print(`  ${range}  ${String(count).padStart(5)}  ${bar}`.trimEnd());
  }
}

function inSeconds(ms: number): string {
  return (ms / 1000).toFixed(2).padStart(7);
}
