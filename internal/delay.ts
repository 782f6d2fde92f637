/**
 * A delay that can be aborted.
 *
 * @module
 */

/**
 * Waits.
 *
 * @param ms How long, in ms.
 * @param signal Ends the wait early.
 * @returns Settles when the time is up.
 * @throws The signal's reason, if it aborts first.
 */
export function delay(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.reject(signal.reason);
  return new Promise((resolve, reject) => {
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
