/**
 * Promises that nobody awaits.
 *
 * @module
 */

/**
 * Prevents an unhandled rejection if a value is a promise: for use where promises are not accepted,
 * or where a different error is reported instead.
 *
 * @param value Any value.
 */
export async function ignoreRejection(value: unknown): Promise<void> {
  try {
    await value;
  } catch {
    // Reported by the code that refused the promise.
  }
}
