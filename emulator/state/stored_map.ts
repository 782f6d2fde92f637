/**
 * A map that is kept in the state: each change is saved before it is visible.
 *
 * @module
 */

import type * as v from "@badrap/valita";
import type { EmulatorState } from "./emulator_state.ts";
import type { RecordKind } from "./state_store.ts";

/** The parts of a map. */
export interface StoredMapOptions<T> {
  /** Where it is kept. */
  readonly state: EmulatorState;
  /** The kind of its records. */
  readonly kind: RecordKind;
  /** The type of a saved value. */
  readonly type: v.Type<T>;
  /** The key of a value. */
  readonly keyOf: (value: T) => string;
}

interface Placed<T> {
  readonly value: T;
  /** Ordered by first insertion, as in the state. */
  readonly position: number;
}

/** Values by key, ordered by the first insertion of each key. */
export class StoredMap<T> {
  readonly #options: StoredMapOptions<T>;
  #values = new Map<string, Placed<T>>();
  #lastPosition = 0;

  /** Loads the saved values.
   *
   * @param options Its parts.
   * @throws {StateFileError} If a saved value is invalid.
   */
  constructor(options: StoredMapOptions<T>) {
    this.#options = options;
    const { state, kind, type, keyOf } = options;
    for (const value of state.all(kind, type)) {
      this.#values.set(keyOf(value), { value, position: ++this.#lastPosition });
    }
  }

  /** All values, in order. */
  get values(): readonly T[] {
    return [...this.#values.values()].map(({ value }) => value);
  }

  /** Number of values. */
  get size(): number {
    return this.#values.size;
  }

  /** One value, if there is one. */
  get(key: string): T | undefined {
    return this.#values.get(key)?.value;
  }

  /**
   * Sets a value, replacing any with the same key.
   *
   * @throws {StateWriteError} If it cannot be saved; it is then not set.
   */
  set(value: T): void {
    const { state, kind, keyOf } = this.#options;
    const key = keyOf(value);
    state.put(kind, key, value);
    const before = this.#values.get(key);
    this.#values.set(key, { value, position: before?.position ?? ++this.#lastPosition });
    state.onRollback(() => {
      if (before === undefined) this.#values.delete(key);
      else this.#values.set(key, before);
    });
  }

  /**
   * Removes a value, if there is one.
   *
   * @throws {StateWriteError} If that cannot be saved; it then stays.
   */
  delete(key: string): void {
    const { state, kind } = this.#options;
    const before = this.#values.get(key);
    if (before === undefined) return;
    state.delete(kind, key);
    this.#values.delete(key);
    state.onRollback(() => {
      const all = [...this.#values, [key, before] as const];
      this.#values = new Map(all.sort(([, one], [, other]) => one.position - other.position));
    });
  }
}
