/**
 * Waiting for what an agent does.
 *
 * @module
 */

import { timeLimit } from "../internal/time_limit.ts";
import { EventTimeoutError } from "./errors.ts";
import type { EmulatorEvents, EmulatorEventTarget, EmulatorEventType } from "./events.ts";

/** How long to wait. */
export interface WithinOptions {
  /**
   * How long, in ms.
   *
   * @default without end
   */
  readonly within?: number | undefined;
  /** Ends the wait; the promise rejects with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Waiting for an event. */
export interface WaitOptions<T> extends WithinOptions {
  /** Which one; by default any. */
  readonly where?: ((detail: T) => boolean) | undefined;
}

/**
 * Waits for the next event of a type.
 *
 * @param target The emulator.
 * @param type The event's name.
 * @param options Which one, and what ends the wait.
 * @param onExpired Makes the error for a wait that took too long.
 * @returns The event's detail.
 */
export async function waitForEvent<T extends EmulatorEventType>(
  target: EmulatorEventTarget,
  type: T,
  options: WaitOptions<EmulatorEvents[T]>,
  onExpired: (within: number) => Error = (within) => new EventTimeoutError(type, within),
): Promise<EmulatorEvents[T]> {
  const { where = () => true, within, signal } = options;
  const limit = within === undefined
    ? undefined
    : timeLimit(within, () => onExpired(within), signal);
  try {
    return await nextEvent(target, type, where, limit?.signal ?? signal);
  } finally {
    limit?.clear();
  }
}

function nextEvent<T extends EmulatorEventType>(
  target: EmulatorEventTarget,
  type: T,
  where: (detail: EmulatorEvents[T]) => boolean,
  signal: AbortSignal | undefined,
): Promise<EmulatorEvents[T]> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const ended = new AbortController();
    const onAbort = () => {
      ended.abort();
      reject(signal?.reason);
    };
    signal?.addEventListener("abort", onAbort, { signal: ended.signal });
    target.addEventListener(type, (event) => {
      if (!where(event.detail)) return;
      ended.abort();
      resolve(event.detail);
    }, { signal: ended.signal });
  });
}
