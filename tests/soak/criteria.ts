/**
 * What a soak must show to pass, each with its reason: the one place where bounds are.
 *
 * @module
 */

import type { AgentCounts, Figures, PeerCounts } from "./report.ts";

/** What a soak has shown of one runtime. */
export interface Evidence {
  /** How long the sessions were under faults, in minutes, the warm-up included. */
  readonly minutes: number;
  /** How many sessions there were at a time. */
  readonly sessions: number;
  /** Before the first session was made. */
  readonly before: Figures;
  /** After the sessions of the warm-up had stopped. */
  readonly warm: Figures;
  /** After all sessions had stopped. */
  readonly stopped: Figures;
  /** After the service had gone, too. */
  readonly alone: Figures;
  /** What the sessions did. */
  readonly agent: AgentCounts;
  /** What the service did. */
  readonly peer: PeerCounts;
}

/** One thing to be shown. */
export interface Criterion {
  /** What must hold, in words. */
  readonly what: string;
  /** Why this bound. */
  readonly why: string;
  /** What was found, in words. */
  found(evidence: Evidence): string;
  /** Whether it holds. */
  holds(evidence: Evidence): boolean;
}

const MIB = 1024 * 1024;

/** How much the heap may have grown since the warm-up. */
const HEAP_FACTOR = 1.1;

/** The same, where a tenth of the heap is less. */
const HEAP_BYTES = MIB;

/** How much the process's memory may have grown since the warm-up. */
const RSS_FACTOR = 1.5;

/** The same, where half of it is less. */
const RSS_BYTES = 100 * MIB;

/** Connects a minute of each session: some five times fewer than a small machine makes. */
const CONNECTS_A_MINUTE = 5;

/** Messages a minute of each session: some ten times fewer. */
const MESSAGES_A_MINUTE = 25;

/** All of them. */
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
    why: "what is leaked outside the heap shows here alone; allocators keep much of what they had",
    found: ({ warm, stopped }) => `${inMib(warm.rssBytes)} and then ${inMib(stopped.rssBytes)}`,
    holds: ({ warm, stopped }) =>
      stopped.rssBytes <= Math.max(warm.rssBytes * RSS_FACTOR, warm.rssBytes + RSS_BYTES),
  },
  {
    what: "every session that has stopped is collected",
    why: "a session that something holds on to holds on to all its messages",
    found: ({ stopped, agent }) => `${stopped.sessions} of ${agent.sessions} are not`,
    holds: ({ stopped }) => stopped.sessions === 0,
  },
  {
    what: "every connection that has ended is collected",
    why: "each holds a socket; one whose peer is silent Deno can let go of only when that has gone",
    found: ({ alone, agent }) => `${alone.connections} of ${agent.connects} are not`,
    holds: ({ alone }) => alone.connections === 0,
  },
  {
    what: "no socket is open that was not open at the start",
    why: "sockets run out; looked at last, as the runtimes keep those of fetch for a while",
    found: ({ before, alone }) =>
      `${before.sockets ?? "unknown"} and then ${alone.sockets ?? "unknown"}`,
    holds: ({ before, alone }) => (alone.sockets ?? 0) <= (before.sockets ?? 0),
  },
  {
    what: "no timer runs that did not run at the start",
    why: "a timer that is left keeps the process alive",
    found: ({ before, stopped }) => `${before.timers} and then ${stopped.timers}`,
    holds: ({ before, stopped }) => stopped.timers <= before.timers,
  },
  {
    what: "nothing else keeps the process alive that did not at the start",
    why: "the same for whatever the runtime counts beside sockets and timers",
    found: ({ before, alone }) => `${before.otherResources} and then ${alone.otherResources}`,
    holds: ({ before, alone }) => alone.otherResources <= before.otherResources,
  },
  {
    what: "no listener is left",
    why: "sessions share one signal and one process: each must take its listeners with it",
    found: ({ before, stopped }) => `${before.listeners} and then ${stopped.listeners}`,
    holds: ({ before, stopped }) => stopped.listeners <= before.listeners,
  },
  {
    what: "nothing was rejected or thrown that nobody handled",
    why: "it would end the process",
    found: ({ agent }) => `${agent.unhandled} times`,
    holds: ({ agent }) => agent.unhandled === 0,
  },
  {
    what: "every message that asks for an answer is answered in the end",
    why: "the service sends again what has no answer, so nothing may be lost",
    found: ({ peer }) => `${peer.answered} of ${peer.posted}`,
    holds: ({ peer }) => peer.answered === peer.posted,
  },
  {
    what:
      `each session had ${CONNECTS_A_MINUTE} connects and ${MESSAGES_A_MINUTE} messages a minute`,
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

/** What did not hold, in sentences. */
export function brokenBounds(evidence: Evidence): string[] {
  return CRITERIA.filter((criterion) => !criterion.holds(evidence)).map((criterion) =>
    `Not so: ${criterion.what} (${criterion.found(evidence)}). Why it must: ${criterion.why}.`
  );
}

/** A number of bytes in words. */
export function inMib(bytes: number): string {
  return `${(bytes / MIB).toFixed(1)} MiB`;
}

function aMinute(count: number, { minutes, sessions }: Evidence): number {
  return Math.round(count / minutes / sessions);
}
