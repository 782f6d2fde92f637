/**
 * Waiting that a signal can cut short.
 *
 * @module
 */

/**
 * Waits for `promise`, but no longer than until `signal` aborts. What the promise does later is
 * ignored.
 *
 * @returns What `promise` resolves to.
 * @throws What `promise` rejects with, or the signal's reason.
 */
export function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    signal.addEventListener("abort", onAbort);
    if (signal.aborted) onAbort();
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
