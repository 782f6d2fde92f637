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
 * cannot itself be cancelled. Work that never settles holds on to nothing after that.
 *
 * @param work What to wait for. Its late rejection is not an unhandled one.
 * @param signal When to stop waiting.
 * @returns What `work` gives.
 * @throws The signal's reason, if it aborts first.
 */
export async function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const following = follow(work);
  const onAbort = () => following.abandon(signal.reason);
  if (signal.aborted) onAbort();
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await following.promise;
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

/** Follows work until it is abandoned. */
interface Following<T> {
  /** Settles as the work does, unless it was abandoned before. */
  readonly promise: Promise<T>;
  /** Rejects the promise with that reason. */
  abandon(reason: unknown): void;
}

/**
 * `Promise.race` would do, but what it gave back hangs on the work for as long as that is pending,
 * and with it the reason: an error, which holds on to everything that was being called where it was
 * made.
 */
function follow<T>(work: Promise<T>): Following<T> {
  const { promise, ...settle } = Promise.withResolvers<T>();
  let settlers: typeof settle | undefined = settle;
  work.then((value) => settlers?.resolve(value), (error) => settlers?.reject(error));
  return {
    promise,
    abandon(reason) {
      settlers?.reject(reason);
      settlers = undefined;
    },
  };
}
