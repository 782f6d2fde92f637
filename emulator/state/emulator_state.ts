/**
 * The emulator's access to its store: typed records, and changes that are saved before anything is
 * sent or answered because of them.
 *
 * Memory and store agree at all times: a change that cannot be saved is undone in memory, too.
 *
 * @module
 */

import type * as v from "@badrap/valita";
import { StateFileError, StateWriteError } from "../errors.ts";
import type { RecordKind, StateStore } from "./state_store.ts";

/** A transaction in progress. */
interface Transaction {
  /** The actions to run once it is saved, in order. */
  readonly saved: (() => void)[];
  /** The undos of its changes in memory, in the order of the changes. */
  readonly undo: (() => void)[];
}

/** Reads and writes records, and defers actions until their change is saved. */
export class EmulatorState {
  readonly #store: StateStore;
  #transaction: Transaction | undefined;

  /**
   * @param store The store of the records.
   */
  constructor(store: StateStore) {
    this.#store = store;
  }

  /**
   * All records of a kind, in the order of their first insertion.
   *
   * @param kind The kind.
   * @param type The type of a record.
   * @throws {StateFileError} If a record is invalid, or if the store cannot be read.
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
   * Stores a record, replacing any with the same id.
   *
   * @throws {StateWriteError} If it cannot be saved.
   */
  put(kind: RecordKind, id: string, value: unknown): void {
    const record = { id, value: JSON.stringify(value) };
    this.#write(() => this.#store.put(kind, record));
  }

  /**
   * Deletes a record, if it exists.
   *
   * @throws {StateWriteError} If that cannot be saved.
   */
  delete(kind: RecordKind, id: string): void {
    this.#write(() => this.#store.delete(kind, id));
  }

  /**
   * Runs changes as one transaction: all are saved, or none. A nested transaction joins the outer
   * one.
   *
   * @param change Makes the changes.
   * @throws {StateWriteError} If they cannot be saved. Then none of them has happened, not even in
   * memory.
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

  /** Runs an action once the current transaction is saved; immediately if there is none. */
  whenSaved(act: () => void): void {
    if (this.#transaction === undefined) return act();
    this.#transaction.saved.push(act);
  }

  /**
   * Registers the undo of a change in memory, for a transaction that fails. Without a transaction,
   * the change is already saved.
   */
  onRollback(undo: () => void): void {
    this.#transaction?.undo.push(undo);
  }

  /** Closes the store. */
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

/** Text that is not JSON fits no type. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
