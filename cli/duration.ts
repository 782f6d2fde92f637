/**
 * Formats and parses durations.
 *
 * @module
 */

import { InvalidArgumentError } from "commander";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/**
 * Formats a duration in the one or two units that matter.
 *
 * @param ms The duration, in ms.
 * @returns Such as `88 ms`, `2.2 s`, `14 s`, `2 min 34 s`, `5 h 12 min`, `3 d 4 h`.
 */
export function formatDuration(ms: number): string {
  if (ms < SECOND) return `${Math.round(ms)} ms`;
  if (ms < 10 * SECOND) return `${trimmed(ms / SECOND)} s`;
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)} s`;
  if (ms < HOUR) return twoUnits(ms, MINUTE, "min", SECOND, "s");
  if (ms < DAY) return twoUnits(ms, HOUR, "h", MINUTE, "min");
  return twoUnits(ms, DAY, "d", HOUR, "h");
}

/** One digit after the point, unless it is a zero. */
function trimmed(value: number): string {
  return (Math.floor(value * 10) / 10).toFixed(1).replace(".0", "");
}

function twoUnits(ms: number, large: number, name: string, small: number, rest: string): string {
  const remaining = Math.floor((ms % large) / small);
  const whole = `${Math.floor(ms / large)} ${name}`;
  return remaining === 0 ? whole : `${whole} ${remaining} ${rest}`;
}

const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: SECOND,
  m: MINUTE,
  min: MINUTE,
  h: HOUR,
};

/** The longest time that a timer can wait, in ms. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * Parses the duration in a flag.
 *
 * @param text Such as `500ms`, `30s`, `2min`, `1h`.
 * @returns The duration, in ms.
 * @throws {InvalidArgumentError} If it is not a duration.
 */
export function parseDuration(text: string): number {
  const [, number = "", unit = ""] = /^(\d+(?:\.\d+)?) ?(ms|s|m|min|h)$/.exec(text) ?? [];
  const ms = Number(number) * (UNITS[unit] ?? NaN);
  if (ms >= 1 && ms <= MAX_TIMER_MS) return ms;
  throw new InvalidArgumentError("It must be a duration such as 500ms, 30s, 2min or 1h.");
}
