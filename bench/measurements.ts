/**
 * Everything that is measured, in the order of the table.
 *
 * @module
 */

import type { Programs, RuntimeName } from "./programs.ts";
import type { Row } from "./row.ts";
import { measureBackpressure } from "./rows/backpressure.ts";
import { measureGrowth } from "./rows/growth.ts";
import { measureLoadGenerator } from "./rows/load_generator.ts";
import { measureMemory } from "./rows/memory.ts";
import { measureReconnects } from "./rows/reconnect.ts";
import { measureRoundTrips } from "./rows/round_trip.ts";
import { measureFirstAck, measureImport } from "./rows/startup.ts";
import { measureThroughput, type Throughput } from "./rows/throughput.ts";
import type { Turns } from "./turns.ts";

/** How much is measured. */
export interface Effort {
  /** How many rounds of each line, in fresh processes. */
  readonly rounds: number;
  /** How much of the full amount each burst is. */
  readonly part: number;
  /** How many bursts there are in a round. */
  readonly bursts: Turns;
  /** How many turns of round trips there are in a round. */
  readonly roundTrips: Turns;
  /** How many starts of each process whose start is measured. */
  readonly starts: number;
  /** The numbers of sessions in one process. */
  readonly sessions: readonly number[];
  /** How many large payloads come faster than their handler can take them. */
  readonly backlog: number;
}

/** What the documents come from. */
export const FULL: Effort = {
  rounds: 9,
  part: 1,
  bursts: { warmUp: 2, measured: 2 },
  roundTrips: { warmUp: 20, measured: 10 },
  starts: 20,
  sessions: [1000, 2000, 5000, 10_000],
  backlog: 2200,
};

/** What is good enough to see whether a change has made something slower. */
export const QUICK: Effort = {
  rounds: 1,
  part: 0.2,
  bursts: { warmUp: 3, measured: 2 },
  roundTrips: { warmUp: 15, measured: 5 },
  starts: 3,
  sessions: [500],
  backlog: 300,
};

/** One or more lines of the table. */
export interface Measurement {
  /** Its name, for `--only`. */
  readonly name: string;
  /** Makes the lines. */
  measure(programs: Programs, effort: Effort): Promise<Row[]>;
}

const RUNTIMES = ["Deno", "Node"] as const;

const BURSTS: readonly Throughput[] = [
  { what: "payloads of 2.7 KB", kind: "payload", count: 50_000, goal: 0.9 },
  { what: "payloads of 47 KB", kind: "large-payload", count: 4_000, goal: 0.9 },
  { what: "heartbeats", kind: "heartbeat", count: 100_000, goal: 0.85 },
];

/** How many messages may wait in a lane: the default, and a tenth of it. */
const LANE_MESSAGES = [1000, 100];

/** Memory varies less from one process to the next than times do. */
const MEMORY_ROUNDS = 5;

/** Those that compare the session with the bare loop. */
export const RATIOS: readonly Measurement[] = [
  ...BURSTS.map((burst) =>
    onBoth(
      `throughput ${burst.what}`,
      (programs, runtime, { rounds, part, bursts }) =>
        measureThroughput(programs, runtime, atPart(burst, part), rounds, bursts),
    )
  ),
  onBoth(
    "round trip",
    (programs, runtime, { rounds, roundTrips }) =>
      measureRoundTrips(programs, runtime, rounds, roundTrips),
  ),
  onBoth(
    "memory",
    (programs, runtime, { rounds }) =>
      measureMemory(programs, runtime, "session", Math.min(rounds, MEMORY_ROUNDS)),
  ),
];

/** All of them. */
export const MEASUREMENTS: readonly Measurement[] = [
  ...RATIOS,
  onBoth(
    "least memory",
    (programs, runtime, { rounds }) =>
      measureMemory(programs, runtime, "least", Math.min(rounds, MEMORY_ROUNDS)),
  ),
  onBoth("growth", async (programs, runtime, { sessions, rounds }) => {
    const rows: Row[] = [];
    for (const number of sessions) {
      rows.push(...await measureGrowth(programs, runtime, number, Math.min(rounds, 3)));
    }
    return rows;
  }),
  onBoth(
    "first ack",
    (programs, runtime, { starts }) => measureFirstAck(programs, runtime, starts),
  ),
  onBoth("import", (programs, runtime, { starts }) => measureImport(programs, runtime, starts)),
  onBoth(
    "reconnect",
    (programs, runtime, { rounds, part }) =>
      measureReconnects(programs, runtime, 200 * part, Math.min(rounds, 3)),
  ),
  onBoth("backpressure", async (programs, runtime, { rounds, backlog }) => {
    const rows: Row[] = [];
    for (const laneMessages of LANE_MESSAGES) {
      rows.push(
        await measureBackpressure(programs, runtime, laneMessages, backlog, Math.min(rounds, 3)),
      );
    }
    return rows;
  }),
  ...BURSTS.map((burst) => ({
    name: `load generator ${burst.what}`,
    measure: async (programs: Programs, { part, bursts }: Effort) => [
      await measureLoadGenerator(programs, atPart(burst, part), bursts),
    ],
  })),
];

function onBoth(
  name: string,
  measure: (programs: Programs, runtime: RuntimeName, effort: Effort) => Promise<Row | Row[]>,
): Measurement {
  return {
    name,
    measure: async (programs, effort) => {
      const rows: Row[] = [];
      for (const runtime of RUNTIMES) {
        rows.push(...[await measure(programs, runtime, effort)].flat());
      }
      return rows;
    },
  };
}

function atPart(burst: Throughput, part: number): Throughput {
  return { ...burst, count: Math.round(burst.count * part) };
}
