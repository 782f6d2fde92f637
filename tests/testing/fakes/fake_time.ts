/**
 * Fake time for tests, and waiting for work that takes real event loop turns, such as signing: Web
 * Crypto is not driven by timers.
 *
 * @module
 */

import FakeTimers from "@sinonjs/fake-timers";
import { mock } from "node:test";
import { setImmediate } from "node:timers";

/**
 * How long {@linkcode until} lets the event loop turn before it gives up by default, in real ms.
 */
const PATIENCE_MS = 10_000;

/** Real time, whether or not time is faked, in ms. */
const realNow = performance.now.bind(performance);

/**
 * Runs a test under fake time.
 *
 * @param fn The test.
 * @param now When time starts, in ms since the epoch. Default: 2026-01-01T00:00:00Z.
 */
export async function withFakeTime(
  fn: (time: FakeTime) => Promise<void>,
  now: number = Date.UTC(2026, 0, 1),
): Promise<void> {
  const clock = FakeTimers.install({
    now,
    toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date", "performance"],
    // Timers started before are still cleared normally.
    shouldClearNativeTimers: true,
  });
  try {
    await fn({
      async advance(ms) {
        await clock.tickAsync(ms);
        await turns(3);
      },
      setSystemTime: (ms) => clock.setSystemTime(ms),
      block: (ms) => void clock.jump(ms),
      pendingTimers: () => clock.countTimers(),
    });
  } finally {
    clock.uninstall();
  }
}

/** Fake time. */
export interface FakeTime {
  /** Lets this many milliseconds pass. */
  advance(ms: number): Promise<void>;
  /** Sets the wall clock without letting time pass. */
  setSystemTime(ms: number): void;
  /** Blocks the thread: both clocks advance, then each timer that is due fires once, late. */
  block(ms: number): void;
  /** The number of pending timers. */
  pendingTimers(): number;
}

/** Counts timers of `setTimeout` until it is disposed. */
export class TimerCount implements Disposable {
  /** Number of timers set. */
  set = 0;
  /** Number of timers that have fired. */
  fired = 0;
  readonly #restore: () => void;

  constructor() {
    const { setTimeout } = globalThis;
    const counted = (run: () => void, ms: number) => {
      this.set += 1;
      return setTimeout(() => {
        this.fired += 1;
        run();
      }, ms);
    };
    const { mock: mocked } = mock.method(globalThis, "setTimeout", counted);
    this.#restore = () => mocked.restore();
  }

  /** Stops counting. */
  [Symbol.dispose](): void {
    this.#restore();
  }
}

/** Lets the event loop turn. */
export async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) {
    await new Promise<void>((resolve) => void setImmediate(resolve));
  }
}

/**
 * Waits for a condition, by event loop turns and not by time.
 *
 * @throws {Error} If it does not come true.
 */
export async function until(
  condition: () => boolean,
  what: string,
  patienceMs = PATIENCE_MS,
): Promise<void> {
  const giveUpAt = realNow() + patienceMs;
  while (realNow() < giveUpAt) {
    if (condition()) return;
    await turns(1);
  }
  throw new Error(`it did not happen: ${what}`);
}
