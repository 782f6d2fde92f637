/**
 * Where the emulator keeps what has to outlive it, and how it writes there.
 *
 * @module
 */

/** What is kept: one kind of record for each part of the emulator that has a state. */
export type RecordKind = "container-instance" | "task" | "credentials" | "message" | "counter";

/** One record as it is stored. */
export interface StoredRecord {
  /** Tells the records of a kind apart. */
  readonly id: string;
  /** JSON. */
  readonly value: string;
}

/** Keeps records. All calls return when the change is durable, or belong to a transaction. */
export interface StateStore {
  /** What it is called in errors: the file's path. */
  readonly name: string;
  /** All records of a kind, in the order in which each was first put. */
  all(kind: RecordKind): readonly StoredRecord[];
  /** Keeps a record, in place of one with the same id. */
  put(kind: RecordKind, record: StoredRecord): void;
  /** Forgets a record, if there is one. */
  delete(kind: RecordKind, id: string): void;
  /** Begins a transaction. */
  begin(): void;
  /** Makes durable what was done since it began. */
  commit(): void;
  /** Undoes what was done since it began. */
  rollback(): void;
  /** Lets go of whatever it holds. */
  close(): void;
}

/** Keeps nothing: the state lives as long as the emulator. */
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
