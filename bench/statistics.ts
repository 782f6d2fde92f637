/**
 * Statistics of the rounds.
 *
 * @module
 */

/** The value below which the given fraction of the values lies; `NaN` without values. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? NaN;
}

/** The middle value, or the mean of the two middle values; `NaN` without values. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2;
}

/** The lower and upper quartile. */
export interface Quartiles {
  /** The 25th percentile. */
  readonly lower: number;
  /** The 75th percentile. */
  readonly upper: number;
}

/** Computes the quartiles; `NaN` if there are no values. */
export function quartiles(values: readonly number[]): Quartiles {
  return { lower: quantile(values, 0.25), upper: quantile(values, 0.75) };
}
