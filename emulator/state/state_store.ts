/**
 * The interface of the emulator's persistent store.
 *
 * @module
 */

/** The kinds of records: one for each part of the emulator that has a state. */
export type RecordKind =
  | "client-token"
  | "cluster"
  | "container-instance"
  | "counter"
  | "credentials"
  | "message"
  | "service"
  | "tags"
  | "task"
  | "task-definition";

/** One record as it is stored. */
export interface StoredRecord {
  /** Unique within its kind. */
  readonly id: string;
  /** JSON. */
  readonly value: string;
}

/**
 * Stores records. A call returns when its change is durable, unless it belongs to a transaction.
 */
export interface StateStore {
  /** Its name in errors: the file's path. */
  readonly name: string;
  /** All records of a kind, in the order of their first insertion. */
  all(kind: RecordKind): readonly StoredRecord[];
  /** Stores a record, replacing any with the same id. */
  put(kind: RecordKind, record: StoredRecord): void;
  /** Deletes a record, if it exists. */
  delete(kind: RecordKind, id: string): void;
  /** Begins a transaction. */
  begin(): void;
  /** Makes the transaction's changes durable. */
  commit(): void;
  /** Undoes the transaction's changes. */
  rollback(): void;
  /** Releases its resources. */
  close(): void;
}

/** Stores nothing: the state ends with the emulator. */
export const NO_STORE: StateStore = {
  name: "memory",
  all: () => [],
  put() {},
  delete() {},
  begin() {},
  commit() {},
  rollback() {},
  close() {},
};
