/**
 * Memory of one idle session compared with one bare socket.
 *
 * @module
 */

import { alternate } from "../measurement.ts";
import type { ClientName, Programs, RuntimeName } from "../programs.ts";
import { type Goal, type Row, rowOf } from "../row.ts";
import { each, type IdleSessions, measureIdleSessions } from "./idle_sessions.ts";

/** Sessions per process. */
const SESSIONS = 1000;

const GOALS: Readonly<Record<RuntimeName, readonly Goal[]>> = {
  Deno: [{ of: "session", is: "at most", limit: 45 }],
  Node: [{ of: "session", is: "at most", limit: 80 }],
};

/** The clients compared with the bare loop, by their names in the table. */
const NAMES = {
  session: "idle session",
  minimal: "minimal session",
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
