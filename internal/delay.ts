/**
 * Waiting that can be cut short.
 *
 * @module
 */

/**
 * Waits.
 *
 * @param ms How long, in ms.
 * @param signal Cuts the wait short.
 * @returns Settles when the time is over.
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
