/**
 * Time limits that fake time can drive: `AbortSignal.timeout` is not driven by it.
 *
 * @module
 */

/** A signal that aborts with its parent or when time is up. */
export interface TimeLimit {
  /** Aborts with the parent's reason, or with the error given for the time limit. */
  readonly signal: AbortSignal;
  /** Releases the timer and the parent. Call it in a `finally`. */
  clear(): void;
}

/**
 * Starts a time limit.
 *
 * @param ms How long, in ms.
 * @param onExpired Makes the reason to abort with when time is up.
 * @param parent A signal whose abort ends it too.
 * @returns The signal and the way to release it.
 */
export function timeLimit(ms: number, onExpired: () => Error, parent?: AbortSignal): TimeLimit {
  const controller = new AbortController();
  const abortWithParent = () => controller.abort(parent?.reason);
  const timer = setTimeout(() => controller.abort(onExpired()), ms);
  if (parent?.aborted) abortWithParent();
  parent?.addEventListener("abort", abortWithParent, { once: true });
  return {
    signal: controller.signal,
    clear() {
      clearTimeout(timer);
      parent?.removeEventListener("abort", abortWithParent);
    },
  };
}

/**
 * Settles with `work`, or rejects with the signal's reason as soon as it aborts, for work that
 * cannot itself be cancelled.
 *
 * @param work What to wait for. Its late rejection is not an unhandled one.
 * @param signal When to stop waiting.
 * @returns What `work` gives.
 * @throws The signal's reason, if it aborts first.
 */
export async function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let onAbort: () => void = () => {};
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
  });
  try {
    return await Promise.race([aborted, work]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
