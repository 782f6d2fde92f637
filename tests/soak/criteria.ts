/**
 * The criteria that a soak must meet, each with its reason. All limits are in this file.
 *
 * @module
 */

import type { AgentCounts, Figures, PeerCounts } from "./report.ts";

/** The results of a soak on one runtime. */
export interface Evidence {
  /** How long the sessions were exposed to faults, in minutes, including the warm-up. */
  readonly minutes: number;
  /** The number of sessions at a time. */
  readonly sessions: number;
  /** Before the first session was created. */
  readonly before: Figures;
  /** After the sessions of the warm-up had stopped. */
  readonly warm: Figures;
  /** After all sessions had stopped. */
  readonly stopped: Figures;
  /** After the service had stopped, too. */
  readonly alone: Figures;
  /** What the sessions did. */
  readonly agent: AgentCounts;
  /** What the service did. */
  readonly peer: PeerCounts;
}

/** One criterion. */
export interface Criterion {
  /** What must hold, as text. */
  readonly what: string;
  /** Why this limit. */
  readonly why: string;
  /** What was measured, as text. */
  found(evidence: Evidence): string;
  /** Whether it holds. */
  holds(evidence: Evidence): boolean;
}

const MIB = 1024 * 1024;

/** How much the heap may have grown since the warm-up, as a factor. */
const HEAP_FACTOR = 1.1;

/** The same in bytes, if a tenth of the heap is less. */
const HEAP_BYTES = MIB;

/** How much the process's memory may have grown since the warm-up, as a factor. */
const RSS_FACTOR = 1.5;

/** The same in bytes, if half of it is less. */
const RSS_BYTES = 100 * MIB;

/** Connects per minute and session: about a fifth of what a small machine reaches. */
const CONNECTS_A_MINUTE = 5;

/** Messages per minute and session: about a tenth. */
const MESSAGES_A_MINUTE = 25;

/** All criteria. */
export const CRITERIA: readonly Criterion[] = [
  {
    what: `the heap has grown by no more than ${HEAP_FACTOR} times or 1 MiB since the warm-up`,
    why: "100 bytes left behind by each connection or message would be more than that in an hour",
    found: ({ warm, stopped }) => `${inMib(warm.heapBytes)} and then ${inMib(stopped.heapBytes)}`,
    holds: ({ warm, stopped }) =>
      stopped.heapBytes <= Math.max(warm.heapBytes * HEAP_FACTOR, warm.heapBytes + HEAP_BYTES),
  },
  {
    what: `the process has grown by no more than ${RSS_FACTOR} times or 100 MiB since the warm-up`,
    why: "memory leaked outside the heap appears only here; allocators keep much of what they had",
    found: ({ warm, stopped }) => `${inMib(warm.rssBytes)} and then ${inMib(stopped.rssBytes)}`,
    holds: ({ warm, stopped }) =>
      stopped.rssBytes <= Math.max(warm.rssBytes * RSS_FACTOR, warm.rssBytes + RSS_BYTES),
  },
  {
    what: "every session that has stopped is collected",
    why: "a session that something references keeps all its messages in memory",
    found: ({ stopped, agent }) => `${stopped.sessions} of ${agent.sessions} are not`,
    holds: ({ stopped }) => stopped.sessions === 0,
  },
  {
    what: "every connection that has ended is collected",
    why:
      "each holds a socket; Deno can release the socket of a silent peer only when the peer is gone",
    found: ({ alone, agent }) => `${alone.connections} of ${agent.connects} are not`,
    holds: ({ alone }) => alone.connections === 0,
  },
  {
    what: "no socket is open that was not open at the start",
    why: "sockets run out; checked last, as the runtimes keep those of fetch for a while",
    found: ({ before, alone }) =>
      `${before.sockets ?? "unknown"} and then ${alone.sockets ?? "unknown"}`,
    holds: ({ before, alone }) => (alone.sockets ?? 0) <= (before.sockets ?? 0),
  },
  {
    what: "no timer is running that was not running at the start",
    why: "a leftover timer keeps the process alive",
    found: ({ before, stopped }) => `${before.timers} and then ${stopped.timers}`,
    holds: ({ before, stopped }) => stopped.timers <= before.timers,
  },
  {
    what: "nothing else keeps the process alive that did not at the start",
    why: "the same for anything else that the runtime counts besides sockets and timers",
    found: ({ before, alone }) => `${before.otherResources} and then ${alone.otherResources}`,
    holds: ({ before, alone }) => alone.otherResources <= before.otherResources,
  },
  {
    what: "no listener is left",
    why: "sessions share one signal and one process: each must remove its listeners",
    found: ({ before, stopped }) => `${before.listeners} and then ${stopped.listeners}`,
    holds: ({ before, stopped }) => stopped.listeners <= before.listeners,
  },
  {
    what: "there was no unhandled rejection and no uncaught error",
    why: "it would end the process",
    found: ({ agent }) => `${agent.unhandled} times`,
    holds: ({ agent }) => agent.unhandled === 0,
  },
  {
    what: "every message that requires an answer is answered in the end",
    why: "the service redelivers messages without an answer, so nothing may be lost",
    found: ({ peer }) => `${peer.answered} of ${peer.posted}`,
    holds: ({ peer }) => peer.answered === peer.posted,
  },
  {
    what:
      `each session had ${CONNECTS_A_MINUTE} connections and ${MESSAGES_A_MINUTE} messages per minute`,
    why: "a soak in which little happens shows little",
    found: (evidence) =>
      `${aMinute(evidence.agent.connects, evidence)} and ${
        aMinute(evidence.agent.received, evidence)
      }`,
    holds: (evidence) =>
      aMinute(evidence.agent.connects, evidence) >= CONNECTS_A_MINUTE &&
      aMinute(evidence.agent.received, evidence) >= MESSAGES_A_MINUTE,
  },
];

/** The criteria that did not hold, as sentences. */
export function brokenBounds(evidence: Evidence): string[] {
  return CRITERIA.filter((criterion) => !criterion.holds(evidence)).map((criterion) =>
    `Failed: ${criterion.what} (${
      criterion.found(evidence)
    }). Reason for the limit: ${criterion.why}.`
  );
}

/** A number of bytes as text. */
export function inMib(bytes: number): string {
  return `${(bytes / MIB).toFixed(1)} MiB`;
}

function aMinute(count: number, { minutes, sessions }: Evidence): number {
  return Math.round(count / minutes / sessions);
}
