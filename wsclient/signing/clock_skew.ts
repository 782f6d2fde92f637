/**
 * How far the service's clock is ahead of the local one, learned from the `Date` header of a
 * refusal. The service refuses every signature made with a clock that is off by more than five
 * minutes.
 *
 * @module
 */

/**
 * Smaller differences are ignored, in ms. Our choice: the header has whole seconds, and SigV4
 * accepts five minutes.
 */
export const MIN_CLOCK_SKEW_MS = 60_000;

/**
 * The largest skew that is corrected by default, in ms. Our choice: a clock that is off by more
 * than a day was never set, and a `Date` that is off by more than a day may be anything.
 */
export const MAX_CLOCK_SKEW_MS = 24 * 3_600_000;

/** The information about the local clock in a refusal. */
export interface ClockSkewFinding {
  /** A sentence without its full stop, for an error's message; empty when the clock is right. */
  readonly words: string;
  /**
   * Whether {@linkcode ClockSkew.observe} will change the time for which the next signature is
   * made.
   */
  readonly corrects: boolean;
}

const NO_FINDING: ClockSkewFinding = { words: "", corrects: false };

/** Remembers the clock skew and returns the time to sign with. */
export class ClockSkew {
  readonly #maxSkewMs: number;
  #skewMs = 0;

  /** @param maxSkewMs The largest skew that is corrected, in ms. */
  constructor(maxSkewMs: number = MAX_CLOCK_SKEW_MS) {
    this.#maxSkewMs = maxSkewMs;
  }

  /** The skew in use, in ms: positive when the service's clock is ahead of the local one. */
  get skewMs(): number {
    return this.#skewMs;
  }

  /** The time to sign with: the local clock, corrected; in ms since the epoch. */
  now(): number {
    return Date.now() + this.#skewMs;
  }

  /**
   * Says what a measurement means, without recording it.
   *
   * @param measuredMs How far the service's clock is ahead of the local one, in ms; `undefined` if
   * unknown.
   */
  assess(measuredMs: number | undefined): ClockSkewFinding {
    if (measuredMs === undefined) return NO_FINDING;
    const words = describeClockSkew(measuredMs);
    if (!this.#isAllowed(measuredMs)) {
      const allowed = durationInWords(this.#maxSkewMs);
      return {
        words: `${words}; signatures are not corrected by more than ${allowed}:` +
          " set the clock, or raise the option timing.maxClockSkewMs",
        corrects: false,
      };
    }
    if (this.#changes(measuredMs)) {
      return {
        words: words === ""
          ? "the local clock is right again: the next signature is made with it"
          : `${words}; the next signature is corrected, but set the clock`,
        corrects: true,
      };
    }
    if (words === "") return NO_FINDING;
    return { words: `${words}; this signature was already corrected`, corrects: false };
  }

  /**
   * Records the skew shown by a refusal of the service. A skew that is larger than allowed is
   * ignored.
   *
   * @param measuredMs As for {@linkcode ClockSkew.assess}.
   * @returns Whether the correction has changed by more than the header's precision.
   */
  observe(measuredMs: number | undefined): boolean {
    if (measuredMs === undefined || !this.#isAllowed(measuredMs)) return false;
    const changed = this.#changes(measuredMs);
    this.#skewMs = usable(measuredMs);
    return changed;
  }

  #changes(measuredMs: number): boolean {
    return Math.abs(usable(measuredMs) - this.#skewMs) >= MIN_CLOCK_SKEW_MS;
  }

  /** In whole minutes: the header's precision must not matter for a skew right at the limit. */
  #isAllowed(measuredMs: number): boolean {
    return minutesOf(usable(measuredMs)) <= minutesOf(this.#maxSkewMs);
  }
}

function usable(measuredMs: number): number {
  return Math.abs(measuredMs) < MIN_CLOCK_SKEW_MS ? 0 : measuredMs;
}

/**
 * `Sun, 06 Nov 1994 08:49:37 GMT` and other dates of this form; a longer one has a year past 9999.
 */
const IMF_FIXDATE_LENGTH = 29;

/**
 * Parses an HTTP `Date` header.
 *
 * @param value The header's value, if there is one.
 * @returns ms since the epoch, or `undefined` if it is missing or not a date in the one form that
 * RFC 9110 requires servers to send, such as `Sun, 06 Nov 1994 08:49:37 GMT`.
 */
export function parseDateHeader(value: string | null | undefined): number | undefined {
  if (value?.length !== IMF_FIXDATE_LENGTH) return undefined;
  const time = Date.parse(value);
  if (Number.isNaN(time)) return undefined;
  // Date.parse accepts 31 February, the wrong day of the week, and more.
  return new Date(time).toUTCString() === value ? time : undefined;
}

/** How far a clock that currently shows `serverDate` is ahead of the local one, in ms. */
export function clockSkewOf(serverDate: number | undefined): number | undefined {
  return serverDate === undefined ? undefined : serverDate - Date.now();
}

/**
 * Describes a clock skew: its direction and size.
 *
 * @param clockSkewMs The skew in ms, positive when the other clock is ahead of the local one.
 * @param whose Whose clock the other one is.
 * @returns Such as `the local clock is about 10 min behind the service's`; empty for a skew that is
 * ignored.
 */
export function describeClockSkew(
  clockSkewMs: number | undefined,
  whose: string = "the service's",
): string {
  if (clockSkewMs === undefined || usable(clockSkewMs) === 0) return "";
  const direction = clockSkewMs > 0 ? "behind" : "ahead of";
  return `the local clock is about ${durationInWords(clockSkewMs)} ${direction} ${whose}`;
}

const MINUTES_PER_DAY = 24 * 60;

function durationInWords(ms: number): string {
  const minutes = minutesOf(ms);
  if (minutes <= 2 * MINUTES_PER_DAY) return `${minutes} min`;
  return `${Math.round(minutes / MINUTES_PER_DAY)} days`;
}

function minutesOf(ms: number): number {
  return Math.round(Math.abs(ms) / 60_000);
}
