/**
 * Loads trace files.
 *
 * @module
 */

import { parseTrace } from "../emulator/trace/read_trace.ts";
import { type Trace, TraceError } from "../emulator/trace/trace.ts";
import { CommandFailure, EXIT_USAGE } from "./exit.ts";
import { readTextFile } from "./text_file.ts";

/**
 * Loads a trace.
 *
 * @param file The file's path.
 * @throws {CommandFailure} If it is not a complete trace, naming the line and what is wrong with it.
 */
export async function loadTrace(file: string): Promise<Trace> {
  return readTrace(await readTextFile(file, "the trace"), file);
}

/**
 * Parses the text of a trace.
 *
 * @param text The file's text.
 * @param file The file's path.
 * @throws {CommandFailure} If it is not a complete trace, naming the line and what is wrong with it.
 */
export function readTrace(text: string, file: string): Trace {
  try {
    return parseTrace(text, file);
  } catch (error) {
    if (!(error instanceof TraceError)) throw error;
    throw new CommandFailure(error.message, EXIT_USAGE, { cause: error });
  }
}
