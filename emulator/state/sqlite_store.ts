/**
 * A store in an SQLite file. SQLite is part of both runtimes; this module is loaded only when a file
 * is asked for.
 *
 * @module
 */

import { chmodSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { StateFileError } from "../errors.ts";
import type { StateStore, StoredRecord } from "./state_store.ts";

/** Marks the file as ours: "acse" in ASCII. */
const APPLICATION_ID = 0x61637365;

/** The layout of the tables. */
const VERSION = 1;

/**
 * Opens a file, or makes it. It is readable by its owner alone, since it holds the credentials that
 * the emulator has issued.
 *
 * @param path The file's path.
 * @throws {StateFileError} If it is not a file of an emulator, or another emulator has it open.
 */
export function openSqliteStore(path: string): StateStore {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path);
    chmodSync(path, 0o600);
    prepare(database);
    return store(path, database);
  } catch (error) {
    database?.close();
    const why = error instanceof Error ? error.message : String(error);
    throw new StateFileError(path, why, { cause: error });
  }
}

function prepare(database: DatabaseSync): void {
  // A second emulator on the same file would send everything twice.
  database.exec("PRAGMA locking_mode = EXCLUSIVE");
  const made = numberOf(database.prepare("PRAGMA schema_version").get());
  if (made === 0) {
    database.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${VERSION};`);
  }
  const id = numberOf(database.prepare("PRAGMA application_id").get());
  if (id !== APPLICATION_ID) throw new Error("it was not made by the emulator");
  const version = numberOf(database.prepare("PRAGMA user_version").get());
  if (version !== VERSION) throw new Error(`its layout is ${version}, not ${VERSION}`);
  // FULL: what was answered survives the machine's end, not only the process's.
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
    all: (kind) => select.all(kind).map(toRecord),
    put: (kind, { id, value }) => void upsert.run(kind, id, value),
    delete: (kind, id) => void remove.run(kind, id),
    begin: () => database.exec("BEGIN IMMEDIATE"),
    commit: () => database.exec("COMMIT"),
    rollback: () => database.exec("ROLLBACK"),
    close: () => database.close(),
  };
}

function toRecord(row: Record<string, unknown>): StoredRecord {
  return { id: String(row.id), value: String(row.value) };
}

/** The one number that a pragma answers with. */
function numberOf(row: Record<string, unknown> | undefined): number {
  return Number(Object.values(row ?? {})[0]);
}
