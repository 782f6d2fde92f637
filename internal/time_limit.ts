/**
 * Time limits that work with fake time, unlike `AbortSignal.timeout`.
 *
 * @module
 */

/** A signal that aborts with its parent or when time is up. */
export interface TimeLimit {
  /** Aborts with the parent's reason, or with the time limit's own error. */
  readonly signal: AbortSignal;
  /** Releases the timer and the parent. Call it in a `finally`. */
  clear(): void;
}

/**
 * Starts a time limit.
 *
 * @param ms How long, in ms.
 * @param onExpired Creates the abort reason when time is up.
 * @param parent A signal whose abort ends it too.
 * @returns The signal and a way to release it.
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
 * cannot be cancelled itself. After that, work that never settles keeps nothing in memory.
 *
 * @param work The work to wait for. If it rejects later, that is not an unhandled rejection.
 * @param signal When to stop waiting.
 * @returns The result of `work`.
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
 * `Promise.race` would work, but its promise stays attached to the work as long as that is pending,
 * and with it the reason: an error, which keeps everything in memory that was being called where it
 * was created.
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
