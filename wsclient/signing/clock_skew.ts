/**
 * How far the service's clock is ahead of ours, learnt from the `Date` header of a refusal. A
 * signature made with a wrong clock is refused for ever otherwise.
 *
 * @module
 */

/**
 * Differences below this are taken as none, in ms. Ours: the header counts whole seconds, and SigV4
 * accepts five minutes.
 */
export const MIN_CLOCK_SKEW_MS = 60_000;

/** Remembers the clock skew and tells the time to sign with. */
export class ClockSkew {
  #skewMs = 0;

  /** The skew in ms: positive when the service's clock is ahead of the local one. */
  get skewMs(): number {
    return this.#skewMs;
  }

  /** The time to sign with: the local clock, corrected; in ms since the epoch. */
  now(): number {
    return Date.now() + this.#skewMs;
  }

  /**
   * Takes what a refusal told.
   *
   * @param clockSkewMs The difference measured, in ms; `undefined` leaves all as it is.
   * @returns Whether the correction has changed by more than the header's precision.
   */
  observe(clockSkewMs: number | undefined): boolean {
    if (clockSkewMs === undefined) return false;
    const skewMs = Math.abs(clockSkewMs) < MIN_CLOCK_SKEW_MS ? 0 : clockSkewMs;
    const changed = Math.abs(skewMs - this.#skewMs) >= MIN_CLOCK_SKEW_MS;
    this.#skewMs = skewMs;
    return changed;
  }
}

/**
 * Reads an HTTP `Date` header.
 *
 * @param value The header's value, if there is one.
 * @returns ms since the epoch, or `undefined` if it is missing or no date.
 */
export function parseDateHeader(value: string | null | undefined): number | undefined {
  // Only the form that HTTP asks for: others can lie beyond what a signature can tell.
  if (!/ \d{4} \d\d:\d\d:\d\d GMT$/.test(value ?? "")) return undefined;
  const time = Date.parse(value ?? "");
  return Number.isNaN(time) ? undefined : time;
}

/** How far a clock that shows `serverDate` now is ahead of the local one, in ms. */
export function clockSkewOf(serverDate: number | undefined): number | undefined {
  return serverDate === undefined ? undefined : serverDate - Date.now();
}

/** A clock skew in words, or an empty string when there is none worth a word. */
export function describeClockSkew(clockSkewMs: number | undefined): string {
  if (clockSkewMs === undefined || Math.abs(clockSkewMs) < MIN_CLOCK_SKEW_MS) return "";
  const minutes = Math.round(Math.abs(clockSkewMs) / 60_000);
  return `the local clock is about ${minutes} min ${clockSkewMs > 0 ? "behind" : "ahead of"}` +
    " the service's; the next signature is corrected, but mend the clock";
}
