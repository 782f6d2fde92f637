/**
 * How much memory one idle session takes, beside one bare socket.
 *
 * @module
 */

import { alternate } from "../measurement.ts";
import type { ClientName, Programs, RuntimeName } from "../programs.ts";
import { type Goal, type Row, rowOf } from "../row.ts";
import { each, type IdleSessions, measureIdleSessions } from "./idle_sessions.ts";

/** So many are in one process. */
const SESSIONS = 1000;

const GOALS: Readonly<Record<RuntimeName, readonly Goal[]>> = {
  Deno: [
    { of: "ratio", is: "at most", limit: 1.3 },
    { of: "session", is: "at most", limit: 60 },
  ],
  Node: [{ of: "ratio", is: "at most", limit: 1.3 }],
};

/** What else is measured beside the bare loop, and what the table calls it. */
const NAMES = {
  session: "idle session",
  least: "least session",
} as const;

/** Measures resident memory and heap. */
export async function measureMemory(
  programs: Programs,
  runtime: RuntimeName,
  subject: keyof typeof NAMES,
  rounds: number,
): Promise<Row[]> {
  const idle = (client: ClientName) => measureIdleSessions(programs, { runtime, client }, SESSIONS);
  const found = await alternate(rounds, (client) => idle(client === "bare" ? "bare" : subject));
  const note = `each of ${SESSIONS.toLocaleString("en")}`;
  const row = (what: string, goals: readonly Goal[], bytesOf: (idle: IdleSessions) => number) =>
    rowOf(
      { what: `${NAMES[subject]}, ${what}`, runtime, unit: "KB", goals, note },
      found.map(({ bare, session }) => ({
        bare: each(bytesOf(bare), bare) / 1000,
        session: each(bytesOf(session), session) / 1000,
      })),
    );
  return [
    row(
      "resident memory",
      subject === "session" ? GOALS[runtime] : [],
      ({ residentBytes }) => residentBytes,
    ),
    row("heap", [], ({ heapBytes }) => heapBytes),
  ];
}
