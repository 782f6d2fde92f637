/**
 * A trace: what happened between a service and its agents, as a file. JSON Lines: a header, then one
 * entry of the transcript on each line.
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
  /** When it was started, as in RFC 3339. */
  readonly recordedAt: string;
  /** The name of the scenario that was played. */
  readonly scenario?: string | undefined;
  /** The region that agents signed for. */
  readonly region?: string | undefined;
  /** The URL of the ECS API behind a recorder. */
  readonly upstream?: string | undefined;
}

/** A trace. */
export interface Trace {
  /** Its first line. */
  readonly header: TraceHeader;
  /** The events, in order. */
  readonly entries: readonly TranscriptEntry[];
}

/** One problem of a trace. */
export interface TraceProblem {
  /** The line, from 1. */
  readonly line: number;
  /** The description, which names the field. */
  readonly text: string;
}

/** A trace cannot be read. */
export class TraceError extends Error {
  /** Always `"TraceError"`. */
  override readonly name = "TraceError";
  /** All problems. */
  readonly problems: readonly TraceProblem[];

  /**
   * Creates the error: one line per problem.
   *
   * @param problems All problems.
   * @param source The trace's name, such as its file.
   */
  constructor(problems: readonly TraceProblem[], source: string) {
    super(problems.map(({ line, text }) => `${source}:${line}: ${text}`).join("\n"));
    this.problems = problems;
  }
}
