/**
 * Writes a trace to a file as the events happen.
 *
 * @module
 */

import { closeSync, openSync, readSync, writeSync } from "node:fs";
import { describeFileFailure } from "../../internal/file_failure.ts";
import { toError } from "../../internal/redaction/describe_error.ts";
import { describeEvent, type EntryFields } from "../acs/describe_event.ts";
import type { EmulatorEvents, EmulatorEventType } from "../events.ts";
import { withPlaceholders } from "../../protocol/placeholders.ts";
import { isJsonObject, parseJsonObject } from "../../internal/json.ts";
import { isTrace } from "./read_trace.ts";
import { TraceFileError } from "./trace_file_error.ts";
import { entryLine, headerLine, type TraceOrigin } from "./write_trace.ts";

/** A trace file that is being written. Each entry is written before the call returns. */
export class TraceFile {
  /** The file's path. */
  readonly path: string;
  #file: number | undefined;
  #count = 0;

  private constructor(path: string, file: number) {
    this.path = path;
    this.#file = file;
  }

  /**
   * Creates the file, readable only by its owner, or overwrites an existing trace.
   *
   * @param path The file's path.
   * @param origin The program that writes it.
   * @throws {TraceFileError} If it cannot be written, or if the path is a file that is not a trace.
   */
  static create(path: string, origin: TraceOrigin): TraceFile {
    let opened: number | undefined;
    try {
      // Fails for a dangling symbolic link instead of creating its target.
      opened = openSync(path, holdsTrace(path) ? "w" : "wx", 0o600);
      const trace = new TraceFile(path, opened);
      trace.#write(headerLine(origin));
      return trace;
    } catch (error) {
      if (opened !== undefined) closeSync(opened);
      throw failure(path, error);
    }
  }

  /**
   * Writes an entry.
   *
   * @param at The time, in ms since the epoch.
   * @param event The event's name.
   * @param fields The other fields, without secrets.
   * @throws {TraceFileError} If it cannot be written; the file is then closed.
   */
  add(at: number, event: EmulatorEventType, fields: EntryFields): void {
    if (this.#file === undefined) return;
    try {
      this.#write(entryLine({ number: ++this.#count, at, event, ...fields }));
    } catch (error) {
      this.close();
      throw failure(this.path, error);
    }
  }

  /**
   * Writes an event of the emulator, with placeholders instead of its secrets.
   *
   * @param type The event's name.
   * @param detail The event's detail.
   * @param at The time, in ms since the epoch.
   * @param frame The frame of a `sent` event.
   * @throws {TraceFileError} If it cannot be written; the file is then closed.
   */
  record<T extends EmulatorEventType>(
    type: T,
    detail: EmulatorEvents[T],
    at: number,
    frame?: string | Uint8Array,
  ): void {
    const fields = describeEvent(type, detail, frame, withPlaceholders);
    const isRaw = type === "sent" && fields.type === undefined && frame !== undefined;
    this.add(at, type, { ...fields, ...(isRaw && rawFrame(frame)) });
  }

  /** Closes the file. */
  close(): void {
    if (this.#file === undefined) return;
    const file = this.#file;
    this.#file = undefined;
    closeSync(file);
  }

  #write(text: string): void {
    const bytes = new TextEncoder().encode(text);
    for (let written = 0; written < bytes.byteLength;) {
      if (this.#file === undefined) return;
      written += writeSync(this.#file, bytes, written);
    }
  }
}

/**
 * The fields of a frame that is not a message of the protocol: its kind and, if it has the form of a
 * message, its type, id and content with placeholders.
 *
 * @param frame The frame.
 */
export function rawFrame(frame: string | Uint8Array): EntryFields {
  const raw = typeof frame === "string" ? "text" as const : "binary" as const;
  const parsed = typeof frame === "string" ? parseJsonObject(frame) : undefined;
  if (typeof parsed?.type !== "string" || !isJsonObject(parsed.message)) return { raw };
  const { type, message } = parsed;
  return { raw, type: type.slice(0, MAX_TYPE_LENGTH), message: withPlaceholders(message) };
}

/** Maximum length of the type of an unknown message, in characters. */
const MAX_TYPE_LENGTH = 128;

/** Number of bytes of an existing file that are read to recognize a trace. */
const START_LENGTH = 64;

/** Whether the file is a trace or empty. A mistyped path must not destroy another file. */
function holdsTrace(path: string): boolean {
  const start = startOfFile(path);
  if (start === undefined) return false;
  if (start === "" || isTrace(start)) return true;
  throw new TraceFileError(path, "a file that is not a trace already exists there");
}

/** The first bytes of a file; `undefined` if it does not exist. */
function startOfFile(path: string): string | undefined {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch (error) {
    if (Reflect.get(toError(error), "code") === "ENOENT") return undefined;
    throw error;
  }
  try {
    const bytes = new Uint8Array(START_LENGTH);
    const length = readSync(file, bytes, 0, START_LENGTH, 0);
    return new TextDecoder().decode(bytes.subarray(0, length));
  } finally {
    closeSync(file);
  }
}

function failure(path: string, error: unknown): TraceFileError {
  if (error instanceof TraceFileError) return error;
  return new TraceFileError(path, describeFileFailure(error, "directory"), { cause: error });
}
