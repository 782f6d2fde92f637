/**
 * Shares timers between intervals, so that a thousand sessions need only one timer.
 *
 * @module
 */

/** One timer and its callbacks. */
interface SharedTimer {
  readonly timer: ReturnType<typeof setInterval>;
  readonly callbacks: Set<() => void>;
}

const timers = new Map<number, SharedTimer>();

/**
 * Calls a function repeatedly. All callers with the same interval share a timer, so the first call
 * may come early.
 *
 * @param ms The interval, in ms.
 * @param callback Called each time; must not throw.
 * @returns A function that stops the calls.
 */
export function shareInterval(ms: number, callback: () => void): () => void {
  const { timer, callbacks } = timers.get(ms) ?? startTimer(ms);
  callbacks.add(callback);
  return () => {
    if (!callbacks.delete(callback) || callbacks.size > 0) return;
    clearInterval(timer);
    timers.delete(ms);
  };
}

function startTimer(ms: number): SharedTimer {
  const callbacks = new Set<() => void>();
  const timer = setInterval(() => {
    for (const callback of callbacks) callback();
  }, ms);
  const started = { timer, callbacks };
  timers.set(ms, started);
  return started;
}
