/**
 * Measures how long something takes.
 *
 * @module
 */

/**
 * Starts measuring. Uses the monotonic clock: setting the wall clock changes nothing.
 *
 * @returns A function that returns the elapsed time, in whole ms.
 */
export function stopwatch(): () => number {
  const startedAt = performance.now();
  return () => Math.round(performance.now() - startedAt);
}
