/**
 * Waiting for what an agent does.
 *
 * @module
 */

import { EventTimeoutError } from "./errors.ts";
import type { EmulatorEvents, EmulatorEventTarget, EmulatorEventType } from "./events.ts";

/** The longest time that a timer can wait, in ms; longer waits have no end. */
const MAX_TIMER_MS = 2 ** 31 - 1;

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

/** What {@linkcode waitForEvent} takes in addition. */
export interface EventWait<T> extends WaitOptions<T> {
  /** Ends every wait for the emulator; the promise rejects with its reason. */
  readonly closed?: AbortSignal | undefined;
  /** Makes the error for a wait that took too long; by default an {@linkcode EventTimeoutError}. */
  readonly onExpired?: ((within: number) => Error) | undefined;
}

/**
 * Waits for the next event of a type. Once it is settled, nothing of the wait is left: neither a timer
 * nor a listener. (`AbortSignal.any` would leave something for each wait at a signal that lives long.)
 *
 * @param target The emulator.
 * @param type The event's name.
 * @param options Which one, and what ends the wait.
 * @returns The event's detail.
 */
export function waitForEvent<T extends EmulatorEventType>(
  target: EmulatorEventTarget,
  type: T,
  options: EventWait<EmulatorEvents[T]>,
): Promise<EmulatorEvents[T]> {
  const { where = () => true, within, signal, closed } = options;
  const { onExpired = (ms: number) => new EventTimeoutError(type, ms) } = options;
  const signals = [closed, signal].filter((each) => each !== undefined);
  return new Promise((resolve, reject) => {
    const aborted = signals.find((each) => each.aborted);
    if (aborted !== undefined) return reject(aborted.reason);
    const timer = within === undefined || within > MAX_TIMER_MS ? undefined : setTimeout(() => {
      end();
      reject(onExpired(within));
    }, within);
    const onAbort = () => {
      end();
      reject(signals.find((each) => each.aborted)?.reason);
    };
    const onEvent = ({ detail }: CustomEvent<EmulatorEvents[T]>) => {
      try {
        if (!where(detail)) return;
      } catch (error) {
        end();
        return reject(error);
      }
      end();
      resolve(detail);
    };
    const end = () => {
      clearTimeout(timer);
      target.removeEventListener(type, onEvent);
      for (const each of signals) each.removeEventListener("abort", onAbort);
    };
    target.addEventListener(type, onEvent);
    for (const each of signals) each.addEventListener("abort", onAbort);
  });
}
