/**
 * Everything that is measured, in the order of the table.
 *
 * @module
 */

import { type Programs, type RuntimeName, type Setup, SETUPS } from "./programs.ts";
import type { Row } from "./row.ts";
import { measureBackpressure } from "./rows/backpressure.ts";
import { measureFirstBurst, measureFirstRoundTrips } from "./rows/first_messages.ts";
import { measureGrowth } from "./rows/growth.ts";
import { measureIdleProcesses } from "./rows/idle_process.ts";
import { measureLoadGenerator } from "./rows/load_generator.ts";
import { measureMemory } from "./rows/memory.ts";
import { measureRecorder, type Recorded } from "./rows/record.ts";
import { measureReconnects } from "./rows/reconnect.ts";
import { measureRoundTrips } from "./rows/round_trip.ts";
import { measureFirstAck, measureImport, measureStart } from "./rows/startup.ts";
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
  /** Number of fresh processes whose first messages are measured. */
  readonly fresh: number;
  /** The numbers of sessions per process. */
  readonly sessions: readonly number[];
  /** The number of large payloads that arrive faster than their handler accepts them. */
  readonly backlog: number;
}

/** The run that the documents quote. */
export const FULL: Profile = {
  rounds: 9,
  part: 1,
  bursts: { warmUp: 4, measured: 3 },
  roundTrips: { warmUp: 20, measured: 10 },
  starts: 21,
  fresh: 11,
  sessions: [1000, 2000, 5000, 10_000],
  backlog: 2200,
};

/** A run that is good enough to show whether a change made something slower. */
export const QUICK: Profile = {
  rounds: 1,
  part: 0.4,
  bursts: { warmUp: 2, measured: 2 },
  roundTrips: { warmUp: 8, measured: 4 },
  starts: 4,
  fresh: 2,
  sessions: [500],
  backlog: 300,
};

/** The parts of a full run, for `--part`, in the document's order. */
export const PARTS = ["process", "messages", "sessions"] as const;

/**
 * The subject of rows: the initial cost of a process with one session, messages after V8 has
 * compiled everything, or extremes such as many sessions in one process.
 */
export type Part = (typeof PARTS)[number];

/** One or more rows of the table. */
export interface Measurement {
  /** Its name, for `--only`. */
  readonly name: string;
  /** The part that it belongs to. */
  readonly part: Part;
  /** Whether it belongs to the quick run. */
  readonly isQuick: boolean;
  /** Measures the rows. */
  measure(programs: Programs, profile: Profile): Promise<Row[]>;
}

const RUNTIMES = ["Deno", "Node"] as const;

/**
 * Small enough for the session's send buffer, whatever the load generator does: on Node, a frame
 * waiting to be written counts as its text plus 400 bytes, and Deno writes nothing before the
 * generator pauses.
 */
const BURSTS: readonly Throughput[] = [
  { what: "payloads of 2.7 KB", kind: "payload", count: 20_000, goal: 0.95 },
  { what: "payloads of 47 KB", kind: "large-payload", count: 4_000, goal: 0.95 },
  { what: "heartbeats", kind: "heartbeat", count: 10_000, goal: 0.85 },
];

/** What passes through `acs record`. */
const RECORDED: readonly Recorded[] = [
  { what: "a heartbeat", kind: "heartbeat", count: 500 },
  { what: "a payload of 47 KB", kind: "large-payload", count: 100 },
];

/** Maximum number of messages in a lane: the default, and a tenth of it. */
const LANE_MESSAGES = [1000, 100];

/** Belongs to the quick run. */
const QUICKLY = { isQuick: true };

/** Memory varies less from one process to the next than times do. */
const MEMORY_ROUNDS = 5;

/** All measurements. */
export const MEASUREMENTS: readonly Measurement[] = [
  inAllSetups("start", measureStart),
  inAllSetups("import", measureImport),
  onBoth(
    "process",
    "first payloads",
    ({ programs, runtime, profile }) => measureFirstBurst(programs, runtime, profile.fresh),
    QUICKLY,
  ),
  onBoth(
    "process",
    "first round trips",
    ({ programs, runtime, profile }) => measureFirstRoundTrips(programs, runtime, profile.fresh),
    QUICKLY,
  ),
  {
    part: "process",
    name: "idle process",
    isQuick: false,
    measure: (programs, { rounds }) => measureIdleProcesses(programs, SETUPS, rounds),
  },
  onBoth(
    "process",
    "acs run",
    ({ programs, runtime, profile }) => measureFirstAck(programs, runtime, profile.starts),
  ),
  ...BURSTS.map((burst) =>
    onBoth(
      "messages",
      `throughput ${burst.what}`,
      ({ programs, runtime, profile: { rounds, part, bursts } }) =>
        measureThroughput(programs, runtime, atPart(burst, part), rounds, bursts),
      // Parsing is nearly all that a large payload costs, whatever changes.
      { isQuick: burst.kind !== "large-payload" },
    )
  ),
  onBoth(
    "messages",
    "round trip",
    ({ programs, runtime, profile: { rounds, roundTrips } }) =>
      measureRoundTrips(programs, runtime, rounds, roundTrips),
    QUICKLY,
  ),
  ...RECORDED.map((recorded) =>
    onBoth(
      "messages",
      `record ${recorded.what}`,
      ({ programs, runtime, profile: { rounds, roundTrips } }) =>
        measureRecorder(programs, runtime, recorded, Math.min(rounds, 5), roundTrips),
    )
  ),
  ...BURSTS.map((burst): Measurement => ({
    part: "messages",
    name: `load generator ${burst.what}`,
    isQuick: false,
    measure: async (programs, { part, bursts }) => [
      await measureLoadGenerator(programs, atPart(burst, part), bursts),
    ],
  })),
  onBoth(
    "sessions",
    "memory",
    ({ programs, runtime, profile: { rounds } }) =>
      measureMemory(programs, runtime, "session", Math.min(rounds, MEMORY_ROUNDS)),
    QUICKLY,
  ),
  onBoth(
    "sessions",
    "minimal memory",
    ({ programs, runtime, profile: { rounds } }) =>
      measureMemory(programs, runtime, "minimal", Math.min(rounds, MEMORY_ROUNDS)),
  ),
  onBoth("sessions", "growth", async ({ programs, runtime, profile: { sessions, rounds } }) => {
    const rows: Row[] = [];
    for (const number of sessions) {
      rows.push(...await measureGrowth(programs, runtime, number, Math.min(rounds, 3)));
    }
    return rows;
  }),
  onBoth(
    "sessions",
    "reconnect",
    ({ programs, runtime, profile: { rounds, part } }) =>
      measureReconnects(programs, runtime, 200 * part, Math.min(rounds, 3)),
  ),
  onBoth(
    "sessions",
    "backpressure",
    async ({ programs, runtime, profile: { rounds, backlog } }) => {
      const rows: Row[] = [];
      for (const laneMessages of LANE_MESSAGES) {
        rows.push(
          await measureBackpressure(programs, runtime, laneMessages, backlog, Math.min(rounds, 3)),
        );
      }
      return rows;
    },
  ),
];

/** Defines a measurement on one runtime. */
interface RuntimeProfile {
  readonly programs: Programs;
  readonly runtime: RuntimeName;
  readonly profile: Profile;
}

function onBoth(
  part: Part,
  name: string,
  measure: (what: RuntimeProfile) => Promise<Row | Row[]>,
  { isQuick }: Pick<Measurement, "isQuick"> = { isQuick: false },
): Measurement {
  return {
    part,
    name,
    isQuick,
    measure: async (programs, profile) => {
      const rows: Row[] = [];
      for (const runtime of RUNTIMES) {
        rows.push(...[await measure({ programs, runtime, profile })].flat());
      }
      return rows;
    },
  };
}

function inAllSetups(
  name: string,
  measure: (programs: Programs, setup: Setup, starts: number) => Promise<Row>,
): Measurement {
  return {
    part: "process",
    name,
    isQuick: true,
    measure: async (programs, { starts }) => {
      const rows: Row[] = [];
      for (const setup of SETUPS) rows.push(await measure(programs, setup, starts));
      return rows;
    },
  };
}

function atPart(burst: Throughput, part: number): Throughput {
  return { ...burst, count: Math.round(burst.count * part) };
}
