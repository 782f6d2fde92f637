/**
 * What an invariant is, and what several of them use.
 *
 * @module
 */

import type { Leaks } from "../globals.ts";
import type { Checks } from "../observer.ts";
import type { World } from "../world.ts";

/** Called with a violation. */
export type Fail = (what: string) => void;

/** An invariant. */
export interface Invariant {
  /** What must hold, as a sentence. */
  readonly says: string;
  /**
   * Checks it in one world.
   *
   * @param world The world.
   * @param fail Called with the violation.
   * @param leaks Events that must not occur in the process.
   */
  readonly check: (world: World, fail: Fail, leaks: Leaks) => Checks;
}

/** A second, in ms. */
export const SECOND = 1_000;

/** A minute, in ms. */
export const MINUTE: number = 60 * SECOND;

/**
 * How long recovery may take once there are no more faults, in ms: a credentials call of five
 * minutes, the longest delay, an idle timeout, and the unfinished work.
 */
export const RECOVERY_MS: number = 15 * MINUTE;

/**
 * A message whose handler failed is retried when the service resends it: over the next connection,
 * after at most 35 minutes.
 */
export const NEXT_CONNECTION_MS: number = 36 * MINUTE;

/** Whether all messages are answered, and the world has been calm for long enough. */
export function isSettled(world: World): boolean {
  const { service: { emulator: { hub } }, agent: { session } } = world;
  return world.calmForMs > RECOVERY_MS && hub.outbox.size === 0 && session !== undefined &&
    isReady(world);
}

/** The kind of a connection's end. */
export function endOf(disconnected: object): unknown {
  const end: unknown = Reflect.get(disconnected, "end");
  return typeof end === "object" && end !== null ? Reflect.get(end, "kind") : undefined;
}

/** Whether the session says that it is ready. */
export function isReady({ health }: World): boolean {
  return health?.ready ?? false;
}

/** The monotonic clock of the machine, in ms. */
export function machineNow({ time }: World): number {
  return time.as("machine", () => time.monotonicNow());
}

/** Returns a function that is true at most once per time, in ms. */
export function every({ time }: World, ms: number): () => boolean {
  let lastAt = -Infinity;
  return () => {
    const isDue = time.elapsedMs - lastAt >= ms;
    if (isDue) lastAt = time.elapsedMs;
    return isDue;
  };
}

/**
 * Whether at least half of the values are almost the same, so that they cannot be random.
 *
 * @param values The values; fewer than ten show nothing.
 * @param width How far apart they are allowed to be.
 */
export function isConstant(values: readonly number[], width: number): boolean {
  if (values.length < 10) return false;
  const sorted = [...values].sort((one, other) => one - other);
  const half = Math.floor(sorted.length / 2);
  return sorted.some((value, index) => (sorted[index + half] ?? Infinity) - value < width);
}

/** A map that drops old entries. */
export class Recent<V> {
  #newer: Map<string, V> = new Map();
  #older: Map<string, V> = new Map();

  /** The value of a key, unless it was dropped. */
  get(key: string): V | undefined {
    return this.#newer.get(key) ?? this.#older.get(key);
  }

  /** Adds or replaces a value. */
  set(key: string, value: V): void {
    this.#newer.set(key, value);
    if (this.#newer.size < 5_000) return;
    this.#older = this.#newer;
    this.#newer = new Map();
  }
}
