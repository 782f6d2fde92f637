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

/** How much work a run does. */
export interface Profile {
  /** Rounds of each row, each in fresh processes. */
  readonly rounds: number;
  /** The size of each burst as a fraction of the full size. */
  readonly part: number;
  /** Bursts per round. */
  readonly bursts: Turns;
  /** Turns of round trips per round. */
  readonly roundTrips: Turns;
  /** Starts of each process whose startup is measured. */
  readonly starts: number;
  /** The numbers of sessions per process. */
  readonly sessions: readonly number[];
  /** The number of large payloads that arrive faster than their handler accepts them. */
  readonly backlog: number;
}

/** The run that the documents quote. */
export const FULL: Profile = {
  rounds: 9,
  part: 1,
  bursts: { warmUp: 2, measured: 2 },
  roundTrips: { warmUp: 20, measured: 10 },
  starts: 20,
  sessions: [1000, 2000, 5000, 10_000],
  backlog: 2200,
};

/** A run that is good enough to show whether a change made something slower. */
export const QUICK: Profile = {
  rounds: 1,
  part: 0.2,
  bursts: { warmUp: 3, measured: 2 },
  roundTrips: { warmUp: 15, measured: 5 },
  starts: 3,
  sessions: [500],
  backlog: 300,
};

/** One or more rows of the table. */
export interface Measurement {
  /** Its name, for `--only`. */
  readonly name: string;
  /** Measures the rows. */
  measure(programs: Programs, profile: Profile): Promise<Row[]>;
}

const RUNTIMES = ["Deno", "Node"] as const;

const BURSTS: readonly Throughput[] = [
  { what: "payloads of 2.7 KB", kind: "payload", count: 50_000, goal: 0.9 },
  { what: "payloads of 47 KB", kind: "large-payload", count: 4_000, goal: 0.9 },
  { what: "heartbeats", kind: "heartbeat", count: 100_000, goal: 0.85 },
];

/** Maximum number of messages in a lane: the default, and a tenth of it. */
const LANE_MESSAGES = [1000, 100];

/** Memory varies less from one process to the next than times do. */
const MEMORY_ROUNDS = 5;

/** The measurements that compare the session with the bare loop. */
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

/** All measurements. */
export const MEASUREMENTS: readonly Measurement[] = [
  ...RATIOS,
  onBoth(
    "minimal memory",
    (programs, runtime, { rounds }) =>
      measureMemory(programs, runtime, "minimal", Math.min(rounds, MEMORY_ROUNDS)),
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
    measure: async (programs: Programs, { part, bursts }: Profile) => [
      await measureLoadGenerator(programs, atPart(burst, part), bursts),
    ],
  })),
];

function onBoth(
  name: string,
  measure: (programs: Programs, runtime: RuntimeName, profile: Profile) => Promise<Row | Row[]>,
): Measurement {
  return {
    name,
    measure: async (programs, profile) => {
      const rows: Row[] = [];
      for (const runtime of RUNTIMES) {
        rows.push(...[await measure(programs, runtime, profile)].flat());
      }
      return rows;
    },
  };
}

function atPart(burst: Throughput, part: number): Throughput {
  return { ...burst, count: Math.round(burst.count * part) };
}
