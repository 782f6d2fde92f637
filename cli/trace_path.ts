/**
 * Chooses the files that commands write traces to.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toError } from "../internal/redaction/describe_error.ts";
import { TraceFile } from "../emulator/trace/trace_file.ts";

/**
 * Creates the default file for the trace of a scenario: a new one in the temporary directory.
 *
 * @param warn Called if no file can be created there; the scenario then runs without a trace.
 * @returns The file's path.
 */
export function temporaryTrace(warn: (text: string) => void): string | undefined {
  try {
    const path = newTracePath(tmpdir());
    TraceFile.create(path, { producer: "acs", at: Date.now() }).close();
    return path;
  } catch (error) {
    warn(`this run has no trace. ${toError(error).message}`);
    return undefined;
  }
}

/** Returns an unused path for a trace, such as `acs-trace-20261127-224107.jsonl`. */
export function newTracePath(folder: string): string {
  return unusedPath(join(folder, `acs-trace-${timestamp(new Date())}`));
}

/** Formats a time such as `20261127-224107`, in local time. */
function timestamp(date: Date): string {
  const two = (number: number) => String(number).padStart(2, "0");
  const day = `${date.getFullYear()}${two(date.getMonth() + 1)}${two(date.getDate())}`;
  return `${day}-${two(date.getHours())}${two(date.getMinutes())}${two(date.getSeconds())}`;
}

function unusedPath(base: string): string {
  for (let number = 1;; number++) {
    const path = `${base}${number === 1 ? "" : `-${number}`}.jsonl`;
    if (!existsSync(path)) return path;
  }
}
