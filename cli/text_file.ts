/**
 * Reads text files given on the command line.
 *
 * @module
 */

import { readFile, stat } from "node:fs/promises";
import { describeFileFailure } from "../internal/file_failure.ts";
import { CommandFailure, EXIT_USAGE } from "./exit.ts";

/**
 * Maximum size of a file, in bytes. Our choice: a trace needs about four times its size in memory.
 */
const MAX_FILE_BYTES = 256 * 1024 * 1024;

/**
 * Reads a text file in UTF-8, or in UTF-16, which PowerShell's `>` writes.
 *
 * @param file The file's path.
 * @param what The purpose of the file, for errors, such as `the trace`.
 * @throws {CommandFailure} If it cannot be read, or is larger than 256 MiB.
 */
export async function readTextFile(file: string, what?: string): Promise<string> {
  const subject = what === undefined ? file : `${what} ${file}`;
  let bytes: Uint8Array;
  try {
    const { size } = await stat(file);
    if (size > MAX_FILE_BYTES) {
      throw new RangeError(
        `it has ${size} bytes, more than ${MAX_FILE_BYTES}; use only a part of it`,
      );
    }
    bytes = await readFile(file);
  } catch (error) {
    const why = error instanceof RangeError ? error.message : describeFileFailure(error, "file");
    throw new CommandFailure(`cannot read ${subject}: ${why}`, EXIT_USAGE, { cause: error });
  }
  const isUtf16 = bytes[0] === 0xff && bytes[1] === 0xfe;
  return new TextDecoder(isUtf16 ? "utf-16le" : "utf-8").decode(bytes);
}
