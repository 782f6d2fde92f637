/**
 * Durations in the units that people use.
 *
 * @module
 */

const UNITS = [["day", 86_400_000], ["h", 3_600_000], ["min", 60_000], ["s", 1_000]] as const;

/**
 * A duration in its largest unit that is not zero.
 *
 * @param ms The duration, in ms.
 * @returns Such as `5 h` or `201 days`.
 */
export function durationInWords(ms: number): string {
  const [unit, size] = UNITS.find(([, size]) => Math.abs(ms) >= size) ?? ["ms", 1];
  const count = Math.floor(Math.abs(ms) / size);
  return `${count} ${unit === "day" && count !== 1 ? "days" : unit}`;
}
