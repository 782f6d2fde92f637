/**
 * Opens many connections in one process and measures the cost of each.
 *
 * @module
 */

import type { ClientUsage } from "../clients/client_process.ts";
import type { IdleResult } from "../load/idle.ts";
import { type Subject, withPair } from "../measurement.ts";
import type { Programs } from "../programs.ts";

/** The cost of many connections together. */
export interface IdleSessions {
  /** The number of connections. */
  readonly sessions: number;
  /** Time from the first connection to the last, in seconds. */
  readonly connectSeconds: number;
  /** The number of connections that answered a heartbeat. */
  readonly answered: number;
  /** Time until all of them answered, in seconds. */
  readonly heartbeatSeconds: number;
  /** Resident memory added by all connections after the first, in bytes. */
  readonly residentBytes: number;
  /** The part of it that is objects on the heap, in bytes. */
  readonly heapBytes: number;
}

/** Measures the cost; memory is read after two heartbeats each and a garbage collection. */
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

/** The share of one connection in what all connections after the first added. */
export function each(total: number, { sessions }: IdleSessions): number {
  return total / (sessions - 1);
}
