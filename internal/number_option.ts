/**
 * Numbers given as options.
 *
 * @module
 */

/** The numbers that an option accepts. */
export interface NumberRange {
  /** The smallest value. Default 0. */
  readonly min?: number;
  /**
   * The largest value; `Infinity` for no limit, `Number.MAX_VALUE` for every finite value. Default
   * {@linkcode MAX_TIMER_MS}.
   */
  readonly max?: number;
  /** Whether it must be a whole number. Default `false`. */
  readonly integer?: boolean;
}

/** The longest delay of `setTimeout`, in ms; a timer with a longer one fires immediately. */
export const MAX_TIMER_MS = 2_147_483_647;

/** Whether a value is a number in a range. */
export function isNumberIn(value: unknown, range: NumberRange = {}): value is number {
  const { min = 0, max = MAX_TIMER_MS, integer = false } = range;
  if (typeof value !== "number") return false;
  return value >= min && value <= max && (!integer || Number.isInteger(value));
}

/** Describes a range: `a whole number from 1 to 10`, `a number of at least 0`. */
export function describeRange(range: NumberRange = {}): string {
  const { min = 0, max = MAX_TIMER_MS, integer = false } = range;
  const kind = integer ? "a whole number" : "a number";
  return max >= Number.MAX_VALUE ? `${kind} of at least ${min}` : `${kind} from ${min} to ${max}`;
}

/**
 * Checks a number.
 *
 * @param name The option's name, as its user writes it, such as `timing.idleTimeoutMs`.
 * @param value Its value.
 * @param range The numbers that it accepts.
 * @returns The value.
 * @throws {RangeError} If it is not a number in the range; the message names the option, the range
 * and the value.
 */
export function checkNumber(name: string, value: unknown, range: NumberRange = {}): number {
  if (isNumberIn(value, range)) return value;
  const shown = typeof value === "number" ? String(value) : `of type ${typeof value}`;
  throw new RangeError(`${name} must be ${describeRange(range)}: current value is ${shown}`);
}
