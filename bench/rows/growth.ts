/**
 * How time and memory grow with the number of sessions in one process.
 *
 * @module
 */

import type { Programs, RuntimeName } from "../programs.ts";
import { type Row, rowOf } from "../row.ts";
import { formatNumber } from "../report/format_number.ts";
import { median } from "../statistics.ts";
import { each, type IdleSessions, measureIdleSessions } from "./idle_sessions.ts";

/** Open files that a process needs in addition to one socket per session. */
const OTHER_FILES = 300;

/**
 * Measures one number of sessions, or the most that the limit on open files allows.
 *
 * @throws {Error} If a session does not answer its heartbeat.
 */
export async function measureGrowth(
  programs: Programs,
  runtime: RuntimeName,
  wanted: number,
  rounds: number,
): Promise<Row[]> {
  const sessions = Math.min(wanted, await openFileLimit() - OTHER_FILES);
  const found: IdleSessions[] = [];
  for (let round = 0; round < rounds; round++) {
    const idle = await measureIdleSessions(programs, { runtime, client: "session" }, sessions);
    if (idle.answered !== sessions) {
      throw new Error(`${idle.answered} of ${sessions} sessions answered`);
    }
    found.push(idle);
  }
  const total = (of: (idle: IdleSessions) => number) => formatNumber(median(found.map(of)));
  const name = `${sessions.toLocaleString("en")} sessions`;
  return [
    rowOf(
      {
        what: `${name}, connecting`,
        runtime,
        unit: "ms each",
        goals: [],
        sessions,
        note: `${total((idle) => idle.connectSeconds)} s in total; one heartbeat from each was ` +
          `answered in ${total((idle) => idle.heartbeatSeconds)} s`,
      },
      found.map((idle) => ({ session: each(idle.connectSeconds * 1000, idle) })),
    ),
    rowOf(
      {
        what: `${name}, resident memory`,
        runtime,
        unit: "KB each",
        goals: [],
        sessions,
        note: `${total((idle) => idle.residentBytes / 1e6)} MB in total`,
      },
      found.map((idle) => ({ session: each(idle.residentBytes / 1000, idle) })),
    ),
  ];
}

/** The hard limit on open files; both runtimes raise their soft limit to it. */
async function openFileLimit(): Promise<number> {
  try {
    const limits = await Deno.readTextFile("/proc/self/limits");
    return Number(/^Max open files\s+\d+\s+(\d+)/m.exec(limits)?.[1] ?? Infinity);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return Infinity;
    throw error;
  }
}
