/**
 * Promises that nobody waits for.
 *
 * @module
 */

/**
 * Keeps a value, in case it is a promise that rejects, from ending the process: where a promise is
 * refused, or another error is reported in its place.
 *
 * @param value Whatever it is.
 */
export async function ignoreRejection(value: unknown): Promise<void> {
  try {
    await value;
  } catch {
    // Reported by whoever refused the promise.
  }
}
