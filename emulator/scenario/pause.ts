/**
 * Waiting for a time.
 *
 * @module
 */

/**
 * Waits.
 *
 * @param ms How long, in ms; not at all if it is 0 or less.
 * @param signal Ends it early.
 * @throws The signal's reason.
 */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    if (ms <= 0) return resolve();
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", onAbort);
      resolve();
    }, ms);
    signal.addEventListener("abort", onAbort, { once: true });
  });
}
