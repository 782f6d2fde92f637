/**
 * The emulator's access to its store: typed records, and changes that are saved before anything is
 * sent or answered because of them.
 *
 * What is in memory and what is in the store agree at all times: a change that cannot be saved is
 * undone in memory, too.
 *
 * @module
 */

import type * as v from "@badrap/valita";
import { StateFileError, StateWriteError } from "../errors.ts";
import type { RecordKind, StateStore } from "./state_store.ts";

/** A transaction under way. */
interface Transaction {
  /** What happens once it is saved, in order. */
  readonly saved: (() => void)[];
  /** What takes its changes in memory back, in the order in which they were made. */
  readonly undo: (() => void)[];
}

/** Reads, writes, and holds back what must not happen before a change is saved. */
export class EmulatorState {
  readonly #store: StateStore;
  #transaction: Transaction | undefined;

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
   * @throws {StateFileError} If one does not, or if the store cannot be read.
   */
  all<T>(kind: RecordKind, type: v.Type<T>): T[] {
    return this.#store.all(kind).map(({ id, value }) => {
      const result = type.try(parseJson(value));
      if (result.ok) return result.value;
      throw new StateFileError(
        this.#store.name,
        `it is damaged: its record ${kind} ${id} is not as expected: ${result.message}`,
      );
    });
  }

  /**
   * Keeps a record, in place of one with the same id.
   *
   * @throws {StateWriteError} If it cannot be saved.
   */
  put(kind: RecordKind, id: string, value: unknown): void {
    const record = { id, value: JSON.stringify(value) };
    this.#write(() => this.#store.put(kind, record));
  }

  /**
   * Forgets a record, if there is one.
   *
   * @throws {StateWriteError} If that cannot be saved.
   */
  delete(kind: RecordKind, id: string): void {
    this.#write(() => this.#store.delete(kind, id));
  }

  /**
   * Makes several changes one: all are saved, or none. Within another transaction it is part of that.
   *
   * @param change Makes the changes.
   * @throws {StateWriteError} If they cannot be saved. Then none of them has happened, in memory either.
   */
  transaction<T>(change: () => T): T {
    if (this.#transaction !== undefined) return change();
    this.#write(() => this.#store.begin());
    const transaction: Transaction = { saved: [], undo: [] };
    this.#transaction = transaction;
    let result: T;
    try {
      result = change();
      this.#write(() => this.#store.commit());
    } catch (error) {
      for (const undo of transaction.undo.reverse()) undo();
      this.#rollBack(error);
      throw error;
    } finally {
      this.#transaction = undefined;
    }
    for (const act of transaction.saved) act();
    return result;
  }

  /** Acts once the transaction under way is saved; immediately when there is none. */
  whenSaved(act: () => void): void {
    if (this.#transaction === undefined) return act();
    this.#transaction.saved.push(act);
  }

  /**
   * Takes a change in memory back if the transaction under way is not saved. Without a transaction the
   * change is saved already.
   */
  onRollback(undo: () => void): void {
    this.#transaction?.undo.push(undo);
  }

  /** Lets go of the store. */
  close(): void {
    this.#store.close();
  }

  #rollBack(reason: unknown): void {
    try {
      this.#store.rollback();
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error);
      throw new StateWriteError(this.#store.name, new AggregateError([reason, error], words));
    }
  }

  #write(write: () => void): void {
    try {
      write();
    } catch (error) {
      throw new StateWriteError(this.#store.name, error);
    }
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
