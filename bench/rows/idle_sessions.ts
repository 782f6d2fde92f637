/**
 * Opens many connections in one process, and finds what each costs.
 *
 * @module
 */

import type { ClientUsage } from "../clients/client_process.ts";
import type { IdleResult } from "../load/idle.ts";
import { type Subject, withPair } from "../measurement.ts";
import type { Programs } from "../programs.ts";

/** What many connections cost together. */
export interface IdleSessions {
  /** How many. */
  readonly sessions: number;
  /** From the first until the last was connected, in seconds. */
  readonly connectSeconds: number;
  /** How many answered a heartbeat. */
  readonly answered: number;
  /** How long that took, all at once, in seconds. */
  readonly heartbeatSeconds: number;
  /** The resident memory that all but the first added, in bytes. */
  readonly residentBytes: number;
  /** What of it is objects on the heap, in bytes. */
  readonly heapBytes: number;
}

/** Measures them; memory is taken after two heartbeats for each and after garbage collection. */
export function measureIdleSessions(
  programs: Programs,
  subject: Subject,
  sessions: number,
): Promise<IdleSessions> {
  const scenario = { name: "idle", connections: sessions } as const;
  const options = { connections: sessions };
  return withPair(programs, subject, scenario, options, async ({ loadGenerator, client }) => {
    const before = await client.next<ClientUsage>();
    const startedAt = performance.now();
    await client.goAhead();
    await loadGenerator.next();
    const connectSeconds = (performance.now() - startedAt) / 1000;
    await loadGenerator.goAhead();
    const { answered, seconds } = await loadGenerator.next<IdleResult>();
    await client.goAhead();
    const after = await client.next<ClientUsage>();
    return {
      sessions,
      connectSeconds,
      answered,
      heartbeatSeconds: seconds,
      residentBytes: after.residentBytes - before.residentBytes,
      heapBytes: after.heapBytes - before.heapBytes,
    };
  });
}

/** The part of one of them, of what all but the first have added. */
export function each(total: number, { sessions }: IdleSessions): number {
  return total / (sessions - 1);
}
