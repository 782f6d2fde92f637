/**
 * Numbers given as options.
 *
 * @module
 */

/** What a number has to be. */
export interface NumberRange {
  /** The least value that is allowed. Default 0. */
  readonly min?: number;
  /** The greatest value that is allowed. Default {@linkcode MAX_TIMER_MS}. */
  readonly max?: number;
  /** Whether it has to be a whole number. Default `false`. */
  readonly integer?: boolean;
}

/** The longest time that `setTimeout` can count, in ms; a longer one fires at once. */
export const MAX_TIMER_MS = 2_147_483_647;

/**
 * Checks a number.
 *
 * @param name The option's name, as its user writes it, such as `timing.idleTimeoutMs`.
 * @param value Its value.
 * @param range What it has to be.
 * @returns The value.
 * @throws {RangeError} If it is not a number in the range; names the option, the range and the value.
 */
export function checkNumber(name: string, value: unknown, range: NumberRange = {}): number {
  const { min = 0, max = MAX_TIMER_MS, integer = false } = range;
  if (typeof value === "number" && value >= min && value <= max) {
    if (!integer || Number.isInteger(value)) return value;
  }
  const kind = integer ? "a whole number" : "a number";
  throw new RangeError(
    `${name} must be ${kind} from ${min} to ${max}: current value is ${shown(value)}`,
  );
}

/** A value that is not a number may hold anything: only its type is shown. */
function shown(value: unknown): string {
  return typeof value === "number" ? String(value) : `of type ${typeof value}`;
}
