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

/** A trace, or the part of it that is readable. */
export interface ReadableTrace {
  /** The trace up to the first problem. */
  readonly trace: Trace;
  /** The invalid lines and what is wrong with them, one per line. */
  readonly problems: string | undefined;
}

/**
 * Loads a trace, or what is readable of a damaged one.
 *
 * @param file The file's path.
 * @throws {CommandFailure} If not even its header and one event are readable, naming the line and
 * what is wrong with it.
 */
export async function loadReadableTrace(file: string): Promise<ReadableTrace> {
  try {
    return { trace: await loadTrace(file), problems: undefined };
  } catch (error) {
    const cause = error instanceof CommandFailure ? error.cause : undefined;
    if (!(cause instanceof TraceError) || !cause.readable?.entries.length) throw error;
    return { trace: cause.readable, problems: cause.message };
  }
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
