/**
 * Checks the state file before the database opens it, and modifies no file that is not the
 * emulator's.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { closeSync, openSync, readSync, statSync } from "node:fs";
import { describeFileFailure } from "../../internal/file_failure.ts";
import { StateFileError } from "../errors.ts";

/** Marks a file as the emulator's: "acse" in ASCII, in SQLite's application id. */
export const APPLICATION_ID = 0x61637365;

/**
 * The layout of the records, in SQLite's user version. Layout 2 added clusters, task definitions,
 * services, tags and client tokens, and the lives of tasks and container instances.
 */
export const LAYOUT_VERSION = 2;

/** The oldest layout that is read. Its records are completed when they are loaded. */
const OLDEST_LAYOUT_VERSION = 1;

/** The first bytes of a database, and the offsets of the two numbers: SQLite's file format, 1.3. */
const HEAD = { bytes: 100, magic: "SQLite format 3\0", userVersionAt: 60, applicationIdAt: 68 };

/**
 * Creates a state file that only its owner can read, or checks an existing one.
 *
 * @param path The file's path.
 * @throws {StateFileError} If it cannot be read, or is not the emulator's. The file is then
 * unchanged.
 */
export function prepareStateFile(path: string): void {
  if (withReason(path, () => create(path))) return;
  const problem = withReason(path, () => problemOf(path));
  if (problem !== undefined) throw new StateFileError(path, problem);
}

/** Creates an empty file; `false` if the file exists. */
function create(path: string): boolean {
  try {
    closeSync(openSync(path, "wx", 0o600));
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST" || codeOf(error) === "EISDIR") return false;
    throw error;
  }
}

/** Why a file cannot be used; `undefined` if it can. An empty file can be used. */
function problemOf(path: string): string | undefined {
  const stats = statSync(path);
  if (stats.isDirectory()) return "it is a directory";
  // Opening a pipe would wait for a writer.
  if (!stats.isFile()) return "it is not a regular file";
  if (stats.size === 0) return undefined;
  const head = readHead(path);
  const isOurs = head.length === HEAD.bytes &&
    head.toString("latin1", 0, HEAD.magic.length) === HEAD.magic &&
    head.readUInt32BE(HEAD.applicationIdAt) === APPLICATION_ID;
  if (!isOurs) return "it is not a state file of the emulator, and was not modified";
  const version = head.readUInt32BE(HEAD.userVersionAt);
  if (version >= OLDEST_LAYOUT_VERSION && version <= LAYOUT_VERSION) return undefined;
  return `its layout is version ${version}, and this version of the emulator reads layouts up to ` +
    `${LAYOUT_VERSION}: start it with the emulator that wrote it, or with another file`;
}

/** Up to the given number of bytes from the beginning of a file. */
function readHead(path: string): Buffer {
  // Opened for writing, too, so that a read-only file is detected here.
  const file = openSync(path, "r+");
  try {
    const head = Buffer.alloc(HEAD.bytes);
    return head.subarray(0, readSync(file, head, 0, head.length, 0));
  } finally {
    closeSync(file);
  }
}

function withReason<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw new StateFileError(path, describeFileFailure(error, "directory"), { cause: error });
  }
}

/** The system's error code, or the error's name if it has no code. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return "";
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
}
