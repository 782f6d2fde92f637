/**
 * Measures how long something takes.
 *
 * @module
 */

/**
 * Starts now. Goes by the monotonic clock: setting the wall clock changes nothing.
 *
 * @returns Gives how long ago that was, in whole ms.
 */
export function stopwatch(): () => number {
  const startedAt = performance.now();
  return () => Math.round(performance.now() - startedAt);
}
