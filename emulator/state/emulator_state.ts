/**
 * The emulator's access to its store: typed records, and changes that are saved before anything is
 * told of them.
 *
 * @module
 */

import type * as v from "@badrap/valita";
import { StateFileError } from "../errors.ts";
import type { RecordKind, StateStore } from "./state_store.ts";

/** Reads, writes, and holds back what must not happen before a change is saved. */
export class EmulatorState {
  readonly #store: StateStore;
  #saved: (() => void)[] | undefined;

  /**
   * @param store Where the records are.
   */
  constructor(store: StateStore) {
    this.#store = store;
  }

  /**
   * All records of a kind, in the order in which each was first put.
   *
   * @param kind The kind.
   * @param type What a record has to look like.
   * @throws {StateFileError} If one does not.
   */
  all<T>(kind: RecordKind, type: v.Type<T>): T[] {
    return this.#store.all(kind).map(({ id, value }) => {
      const result = type.try(parseJson(value));
      if (result.ok) return result.value;
      throw new StateFileError(
        this.#store.name,
        `its record ${kind} ${id} is not as expected: ${result.message}`,
      );
    });
  }

  /** Keeps a record, in place of one with the same id. */
  put(kind: RecordKind, id: string, value: unknown): void {
    this.#store.put(kind, { id, value: JSON.stringify(value) });
  }

  /** Forgets a record, if there is one. */
  delete(kind: RecordKind, id: string): void {
    this.#store.delete(kind, id);
  }

  /**
   * Makes several changes one: all are saved, or none. Within another transaction it is part of that.
   *
   * @param change Makes the changes.
   */
  transaction<T>(change: () => T): T {
    if (this.#saved !== undefined) return change();
    const saved: (() => void)[] = [];
    this.#saved = saved;
    this.#store.begin();
    let result: T;
    try {
      result = change();
      this.#store.commit();
    } catch (error) {
      this.#store.rollback();
      throw error;
    } finally {
      this.#saved = undefined;
    }
    for (const act of saved) act();
    return result;
  }

  /** Acts once the transaction under way is saved; at once when there is none. */
  whenSaved(act: () => void): void {
    if (this.#saved === undefined) return act();
    this.#saved.push(act);
  }

  /** Lets go of the store. */
  close(): void {
    this.#store.close();
  }
}

/** What is not JSON fits no type. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
