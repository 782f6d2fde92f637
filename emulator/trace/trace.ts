/**
 * The trace format: what happened between a service and its agents, as JSON Lines. The first line
 * is a header; each other line is one entry of the transcript.
 *
 * @module
 */

import type { TranscriptEntry } from "../acs/transcript_entry.ts";

/** The version of the format. */
export const TRACE_VERSION = 1;

/** The first line of a trace. */
export interface TraceHeader {
  /** The version of the format: 1. */
  readonly acsTrace: 1;
  /** The program that wrote it, and its version. */
  readonly producer: string;
  /** When the recording started, in the format of RFC 3339. */
  readonly recordedAt: string;
  /** The name of the scenario that was played. */
  readonly scenario?: string | undefined;
  /** The region that agents signed for. */
  readonly region?: string | undefined;
  /** The URL of the recorded ECS API; absent for an emulator. */
  readonly upstream?: string | undefined;
}

/** A trace. */
export interface Trace {
  /** Its first line. */
  readonly header: TraceHeader;
  /** The events, in order. */
  readonly entries: readonly TranscriptEntry[];
}

/** A problem in a trace. */
export interface TraceProblem {
  /** The line, from 1. */
  readonly line: number;
  /** The description, including the field's name. */
  readonly text: string;
}

/** A trace is invalid. */
export class TraceError extends Error {
  /** Always `"TraceError"`. */
  override readonly name = "TraceError";
  /** All problems. */
  readonly problems: readonly TraceProblem[];
  /** The trace up to the first problem; absent if that is in the header. */
  readonly readable: Trace | undefined;

  /**
   * Creates an error with one line per problem.
   *
   * @param problems All problems.
   * @param source The trace's name, such as its file.
   * @param readable The trace up to the first problem.
   */
  constructor(problems: readonly TraceProblem[], source: string, readable?: Trace) {
    super(problems.map(({ line, text }) => `${source}:${line}: ${text}`).join("\n"));
    this.problems = problems;
    this.readable = readable;
  }
}
