/**
 * Stores that fail on demand.
 *
 * @module
 */

import { DatabaseSync } from "node:sqlite";
import type { RecordKind, StateStore, StoredRecord } from "../../emulator/state/state_store.ts";

type Records = Map<string, StoredRecord & { readonly kind: RecordKind }>;

/** A store in memory whose writes fail after a given number. */
export class FailingStore implements StateStore {
  readonly name = "store";
  /** Number of writes that succeed before all others fail. */
  writesLeft = Infinity;
  #records: Records = new Map();
  #begun: Records | undefined;

  all(kind: RecordKind): readonly StoredRecord[] {
    return [...this.#records.values()].filter((record) => record.kind === kind);
  }

  put(kind: RecordKind, record: StoredRecord): void {
    this.#write();
    this.#records.set(`${kind} ${record.id}`, { kind, ...record });
  }

  delete(kind: RecordKind, id: string): void {
    this.#write();
    this.#records.delete(`${kind} ${id}`);
  }

  begin(): void {
    this.#write();
    this.#begun = new Map(this.#records);
  }

  commit(): void {
    this.#write();
    this.#begun = undefined;
  }

  /** Like SQLite after it has rolled back automatically: nothing is left to roll back. */
  rollback(): void {
    this.#records = this.#begun ?? this.#records;
    this.#begun = undefined;
  }

  close(): void {}

  /** A copy of the saved records, in which every write succeeds. */
  copy(): FailingStore {
    const copy = new FailingStore();
    copy.#records = new Map(this.#records);
    return copy;
  }

  #write(): void {
    if (this.writesLeft <= 0) throw new Error("database or disk is full");
    this.writesLeft -= 1;
  }
}

/** The faults of a database. */
export interface DatabaseTrouble {
  /** No more pages can be added: the disk is full. */
  fill(): void;
  /** Pages can be added again. */
  free(): void;
  /** Nothing can be written, not even a deletion. */
  forbidWrites(): void;
  /** Everything can be written again. */
  allowWrites(): void;
}

/** Runs `open`, which opens a database, and returns the faults of that database. */
export async function withDatabase<T>(
  open: () => Promise<T>,
): Promise<DatabaseTrouble & { readonly opened: T }> {
  let database: DatabaseSync | undefined;
  const { exec } = DatabaseSync.prototype;
  DatabaseSync.prototype.exec = function (sql) {
    database ??= this;
    return exec.call(this, sql);
  };
  try {
    const opened = await open();
    return {
      opened,
      // Fewer than the existing pages: SQLite then uses their number.
      fill: () => database?.exec("PRAGMA max_page_count = 1"),
      free: () => database?.exec("PRAGMA max_page_count = 1000000"),
      forbidWrites: () => database?.exec("PRAGMA query_only = 1"),
      allowWrites: () => database?.exec("PRAGMA query_only = 0"),
    };
  } finally {
    DatabaseSync.prototype.exec = exec;
  }
}
