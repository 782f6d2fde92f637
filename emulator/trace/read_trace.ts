/**
 * Parses traces, and reports the lines in which one was truncated or edited.
 *
 * @module
 */

import * as v from "@badrap/valita";
import { isJsonObject } from "../../internal/json.ts";
import { oneLine } from "../../internal/one_line.ts";
import type { ServiceEnd } from "../acs/emulator_connection.ts";
import type { TranscriptEntry } from "../acs/transcript_entry.ts";
import { describeProblem, inputProblems } from "../control/input_error.ts";
import { keyOf } from "../control/input_types.ts";
import type { HealthStatus, TaskStatus } from "../ecs/task_record.ts";
import { EVENT_TYPES } from "../events.ts";
import { checkFault } from "../faults/check_fault.ts";
import type { Fault } from "../faults/fault.ts";
import { findJsonProblem } from "../scenario/json_places.ts";
import {
  type Trace,
  TRACE_VERSION,
  TraceError,
  type TraceHeader,
  type TraceProblem,
} from "./trace.ts";

/** Maximum number of reported problems; parsing stops there. */
const MAX_PROBLEMS = 20;

const text = v.string().optional();
const number = v.number().optional();

const fault: v.Type<Fault> = v.unknown().chain((value) => {
  try {
    checkFault(value);
    return v.ok(value);
  } catch (error) {
    return v.err(error instanceof Error ? error.message : String(error));
  }
});

const taskStatus = keyOf<TaskStatus>({
  PROVISIONING: true,
  PENDING: true,
  ACTIVATING: true,
  RUNNING: true,
  DEACTIVATING: true,
  STOPPING: true,
  DEPROVISIONING: true,
  STOPPED: true,
});

const container = v.object({
  name: v.string(),
  lastStatus: taskStatus,
  exitCode: number,
  reason: text,
}).map(({ exitCode, reason, ...rest }) => ({ ...rest, exitCode, reason }));

const action = keyOf<Fault["action"]>({
  close: true,
  delay: true,
  duplicate: true,
  end: true,
  endpoint: true,
  fragment: true,
  garbage: true,
  halfFrame: true,
  hang: true,
  oversized: true,
  refuse: true,
  reorder: true,
  reset: true,
  slowRead: true,
  stall: true,
});

const header = v.object({
  acsTrace: v.literal(TRACE_VERSION),
  producer: v.string(),
  recordedAt: v.string().assert((value) => !Number.isNaN(Date.parse(value)), "expected a date"),
  scenario: text,
  region: text,
  upstream: text,
});

const entry = v.object(
  {
    number: v.number(),
    at: v.number(),
    event: keyOf(EVENT_TYPES),
    connectionId: number,
    containerInstanceArn: text,
    type: text,
    messageId: text,
    bytes: number,
    resent: v.boolean().optional(),
    raw: keyOf<"text" | "binary">({ text: true, binary: true }).optional(),
    message: v.unknown().optional(),
    sendCredentials: v.boolean().optional(),
    closeCode: number,
    closeReason: text,
    serviceEnd: keyOf<ServiceEnd>({ close: true, end: true, reset: true }).optional(),
    serviceCloseCode: v.union(v.number(), v.null()).optional(),
    serviceCloseReason: text,
    request: text,
    status: number,
    exception: text,
    sent: v.object({ method: v.string(), target: v.string(), headers: v.record(v.string()) })
      .optional(),
    expected: v.object({ headers: v.record(v.string()), canonicalRequest: text }).optional(),
    fault: action.optional(),
    injected: fault.optional(),
    answers: v.boolean().optional(),
    taskArn: text,
    desiredStatus: keyOf<"RUNNING" | "STOPPED">({ RUNNING: true, STOPPED: true }).optional(),
    lastStatus: taskStatus.optional(),
    healthStatus: keyOf<HealthStatus>({ HEALTHY: true, UNHEALTHY: true, UNKNOWN: true }).optional(),
    stopCode: text,
    stoppedReason: text,
    containers: v.array(container).optional(),
    reason: text,
  } satisfies Readonly<Record<keyof TranscriptEntry, unknown>>,
);

const TRACE_HEADER: v.Type<TraceHeader> = header;
const TRACE_ENTRY: v.Type<TranscriptEntry> = entry;

/** Whether a text begins like a trace, complete or truncated. */
export function isTrace(content: string): boolean {
  return /^\uFEFF?\s*\{\s*"acsTrace"/.test(content);
}

/**
 * Parses a trace.
 *
 * @param content The file's text.
 * @param name The file's name, for errors.
 * @returns The trace.
 * @throws {TraceError} If it is not a complete trace of this version. The error lists each invalid
 * line and what is wrong with it, and has the entries before the first of them.
 *
 * @example
 * ```ts
 * import { formatTrace, parseTrace } from "@acs/session/emulator";
 *
 * const text = formatTrace([], { producer: "my test", at: Date.now() });
 * const { header, entries } = parseTrace(text, "trace.jsonl");
 * console.log(header.recordedAt, entries.length);
 * ```
 */
export function parseTrace(content: string, name: string): Trace {
  const [first = "", ...rest] = content.replace(/^\uFEFF/, "").split("\n");
  const head = parseHeader(first, name);
  const problems: TraceProblem[] = [];
  const entries: TranscriptEntry[] = [];
  let next: number | undefined;
  for (const [index, each] of rest.entries()) {
    if (problems.length >= MAX_PROBLEMS) break;
    const lineText = each.trimEnd();
    const isLast = index === rest.length - 1;
    if (lineText === "" && isLast) continue;
    const found = parseEntry(lineText, isLast);
    const report = (problem: string) => void problems.push({ line: index + 2, text: problem });
    if (Array.isArray(found)) {
      found.forEach(report);
      if (next !== undefined) next++;
      continue;
    }
    const { number } = found;
    if (number !== (next ?? number)) {
      report(`number: expected ${next}, got ${number}: lines are missing or out of order`);
    }
    next = number + 1;
    if (problems.length === 0) entries.push(found);
  }
  if (problems.length > 0) throw new TraceError(problems, name, { header: head, entries });
  return { header: head, entries };
}

function parseHeader(line: string, name: string): TraceHeader {
  const fail = (problem: string) => new TraceError([{ line: 1, text: problem }], name);
  const value = parseJson(line);
  if (typeof value === "string" || !isJsonObject(value.json) || !("acsTrace" in value.json)) {
    throw fail(
      `not a trace: the first line has to be a header such as {"acsTrace":${TRACE_VERSION},…}`,
    );
  }
  const { acsTrace } = value.json;
  if (acsTrace !== TRACE_VERSION) {
    throw fail(
      `the trace has version ${
        oneLine(JSON.stringify(acsTrace), 20)
      }; this program reads version ` +
        `${TRACE_VERSION}: use the version of @acs/session that wrote it`,
    );
  }
  const result = TRACE_HEADER.try(value.json);
  if (result.ok) return result.value;
  const problems = inputProblems(value.json, result.issues, Object.keys(header.shape));
  throw new TraceError(
    problems.map((problem) => ({ line: 1, text: describeProblem(problem) })),
    name,
  );
}

/** The entry in a line, or its problems. */
function parseEntry(line: string, isLast: boolean): TranscriptEntry | string[] {
  if (line === "") return ["the line is empty: expected an entry"];
  const value = parseJson(line);
  if (typeof value === "string") {
    return [isLast ? `the trace is truncated here: ${value}` : `not JSON: ${value}`];
  }
  const result = TRACE_ENTRY.try(value.json);
  if (!result.ok) {
    return inputProblems(value.json, result.issues, Object.keys(entry.shape)).map(describeProblem);
  }
  return result.value;
}

/** The JSON in a line, or a description of its first syntax error. */
function parseJson(line: string): { readonly json: unknown } | string {
  try {
    return { json: JSON.parse(line) };
  } catch {
    const problem = findJsonProblem(line);
    return problem === undefined ? "not JSON" : `column ${problem.column}: ${problem.text}`;
  }
}
