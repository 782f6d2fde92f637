/**
 * Intervals that share their timers: a thousand sessions need one timer, not a thousand.
 *
 * @module
 */

/** One timer, and what it calls. */
interface SharedTimer {
  readonly timer: ReturnType<typeof setInterval>;
  readonly callbacks: Set<() => void>;
}

const timers = new Map<number, SharedTimer>();

/**
 * Calls back repeatedly. The first call may come earlier: all callers with the same interval
 * share a timer.
 *
 * @param ms The interval, in ms.
 * @param callback Called each time; must not throw.
 * @returns Stops the calls.
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
