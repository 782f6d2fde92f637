/**
 * A store in an SQLite file. SQLite is part of both runtimes; this module is loaded only if a state
 * file is used.
 *
 * @module
 */

import { chmodSync } from "node:fs";
import { resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { StateFileError } from "../errors.ts";
import { APPLICATION_ID, LAYOUT_VERSION } from "./state_file.ts";
import type { StateStore, StoredRecord } from "./state_store.ts";

/** The meaning of SQLite's errors, by primary code: https://www.sqlite.org/rescode.html */
const REASONS: ReadonlyMap<number, string> = new Map([
  [5, "another emulator is using it"],
  [8, "it is read-only"],
  [11, "it is damaged"],
  [14, "it cannot be opened, or no file can be made in its directory"],
  [26, "it is damaged"],
]);

/**
 * Opens a file that `prepareStateFile` has checked or created. Only its owner can read it, since it
 * holds the credentials that the emulator has issued.
 *
 * @param path The file's path.
 * @throws {StateFileError} If it is damaged, or another emulator has it open.
 */
export function openSqliteStore(path: string): StateStore {
  let database: DatabaseSync | undefined;
  try {
    // An absolute path: some names, such as `:memory:`, are special in SQLite.
    database = new DatabaseSync(resolve(path));
    prepare(database);
    chmodSync(path, 0o600);
    return store(path, database);
  } catch (error) {
    database?.close();
    throw unusable(path, error);
  }
}

function prepare(database: DatabaseSync): void {
  // A second emulator on the same file would send every message twice.
  database.exec("PRAGMA locking_mode = EXCLUSIVE");
  const made = numberOf(database.prepare("PRAGMA schema_version").get());
  if (made === 0) {
    database.exec(
      `PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${LAYOUT_VERSION};`,
    );
  }
  // A damaged page might not be read until the emulator has acknowledged changes.
  const [check] = Object.values(database.prepare("PRAGMA quick_check(1)").get() ?? {});
  if (check !== "ok") throw new Error(`it is damaged: ${check}`);
  // FULL: acknowledged changes survive a crash of the machine, not only of the process.
  database.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    CREATE TABLE IF NOT EXISTS record (
      position INTEGER PRIMARY KEY AUTOINCREMENT,
      kind TEXT NOT NULL,
      id TEXT NOT NULL,
      value TEXT NOT NULL,
      UNIQUE (kind, id)
    ) STRICT;
  `);
  if (numberOf(database.prepare("PRAGMA user_version").get()) === LAYOUT_VERSION) return;
  // From now on, an older emulator refuses the file. It reads the version from the file's head,
  // which the checkpoint writes.
  database.exec(`PRAGMA user_version = ${LAYOUT_VERSION}; PRAGMA wal_checkpoint(TRUNCATE);`);
}

function unusable(path: string, error: unknown): StateFileError {
  if (error instanceof StateFileError) return error;
  const words = error instanceof Error ? error.message : String(error);
  const reason = REASONS.get(codeOf(error) & 0xff);
  const why = reason === undefined ? words : `${reason}: ${words}`;
  return new StateFileError(path, why, { cause: error });
}

/** SQLite's extended code; 0 if it is not an error from SQLite. */
function codeOf(error: unknown): number {
  const isCoded = error instanceof Error && "errcode" in error && typeof error.errcode === "number";
  return isCoded ? Number(error.errcode) : 0;
}

function store(name: string, database: DatabaseSync): StateStore {
  const select = database.prepare("SELECT id, value FROM record WHERE kind = ? ORDER BY position");
  const upsert = database.prepare(
    "INSERT INTO record (kind, id, value) VALUES (?, ?, ?) " +
      "ON CONFLICT (kind, id) DO UPDATE SET value = excluded.value",
  );
  const remove = database.prepare("DELETE FROM record WHERE kind = ? AND id = ?");
  return {
    name,
    all(kind) {
      try {
        return select.all(kind).map(toRecord);
      } catch (error) {
        throw unusable(name, error);
      }
    },
    put: (kind, { id, value }) => void upsert.run(kind, id, value),
    delete: (kind, id) => void remove.run(kind, id),
    begin: () => database.exec("BEGIN IMMEDIATE"),
    commit: () => database.exec("COMMIT"),
    rollback() {
      try {
        database.exec("ROLLBACK");
      } catch (error) {
        // SQLite itself rolls back if the disk is full or cannot be read.
        if (!/no transaction is active/.test(String(error))) throw error;
      }
    },
    close: () => database.close(),
  };
}

function toRecord(row: Record<string, unknown>): StoredRecord {
  return { id: String(row.id), value: String(row.value) };
}

/** The number that a pragma returns. */
function numberOf(row: Record<string, unknown> | undefined): number {
  return Number(Object.values(row ?? {})[0]);
}
