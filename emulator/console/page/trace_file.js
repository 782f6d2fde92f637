/**
 * Parses traces: JSON Lines with a header, then one entry of a transcript on each line.
 *
 * @module
 */

import { isObject } from "./entry.js";
import { EVENTS } from "./row.js";

/** @typedef {import("./entry.js").Entry} Entry */
/** @typedef {{ producer: string, recordedAt: string, scenario: string }} TraceHeader */

/** The version of the format that this page supports. */
const VERSION = 1;

/** A file is not a trace, or is damaged. */
export class TraceFileError extends Error {}

/**
 * Parses the header of a trace.
 *
 * @param {string} text
 * @returns {{ header: TraceHeader, lines: string[] }} The header, and the lines of the entries, not
 * parsed yet.
 * @throws {TraceFileError} If its first line is not the header of a trace of this version.
 */
export function openTrace(text) {
  const lines = text.replace(/^\uFEFF/, "").split("\n");
  const header = parsed(lines[0] ?? "");
  if (!isObject(header) || header.acsTrace === undefined) {
    throw new TraceFileError("This is not a trace: line 1 has no acsTrace.");
  }
  if (header.acsTrace !== VERSION) {
    throw new TraceFileError(
      `Line 1: the trace has version ${
        String(header.acsTrace)
      }; this page reads version ${VERSION}.`,
    );
  }
  return {
    header: {
      producer: String(header.producer ?? ""),
      recordedAt: String(header.recordedAt ?? ""),
      scenario: String(header.scenario ?? ""),
    },
    lines,
  };
}

/**
 * Parses the entry on a line.
 *
 * @param {string} line
 * @param {number} number The line's number, from 1.
 * @param {number} [next] The expected number of the entry.
 * @returns {Entry | undefined} `undefined` for an empty line.
 * @throws {TraceFileError} If it is not an entry, or not the expected one.
 */
export function entryOf(line, number, next) {
  if (line.trim() === "") return undefined;
  const entry = parseLine(line, number);
  if (!isEntry(entry)) {
    throw new TraceFileError(`Line ${number} is not an entry: it needs number, at and event.`);
  }
  if (!EVENTS.includes(entry.event)) {
    throw new TraceFileError(`Line ${number}: event: unknown value ${entry.event}.`);
  }
  if (entry.number !== (next ?? entry.number)) {
    throw new TraceFileError(`Line ${number}: entry ${next} is missing.`);
  }
  return entry;
}

/**
 * @param {unknown} value
 * @returns {value is Entry}
 */
function isEntry(value) {
  return isObject(value) && typeof value.number === "number" && typeof value.at === "number" &&
    typeof value.event === "string";
}

/**
 * @param {string} line
 * @param {number} number
 * @returns {unknown}
 */
function parseLine(line, number) {
  const value = parsed(line);
  if (value !== undefined) return value;
  throw new TraceFileError(
    `Line ${number} is not JSON: the file is truncated or was edited there.`,
  );
}

/**
 * @param {string} text
 * @returns {unknown} `undefined` if the text is not JSON.
 */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    // The caller reports it.
    return undefined;
  }
}
