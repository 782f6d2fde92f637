/**
 * Measures the first messages of a fresh process, while V8 is still compiling. An agent handles
 * most of its messages in this state.
 *
 * @module
 */

import type { BurstScenario } from "../load/burst.ts";
import type { RoundTripResult, RoundTripScenario } from "../load/round_trip.ts";
import type { Programs, RuntimeName } from "../programs.ts";
import { type Goal, type Row, rowOf } from "../row.ts";
import { median } from "../statistics.ts";
import { bareAndSession, type Turns } from "../turns.ts";
import { burstRow, runBurst } from "./throughput.ts";

const BURST: BurstScenario = { name: "burst", kind: "payload", count: 20_000 };

const BURST_GOALS: Readonly<Record<RuntimeName, Goal>> = {
  Deno: { of: "ratio", is: "at least", limit: 0.75 },
  Node: { of: "ratio", is: "at least", limit: 0.9 },
};

const ROUND_TRIPS: RoundTripScenario = { name: "round-trip", kind: "payload", count: 4000 };

const ROUND_TRIP_GOALS: Readonly<Record<RuntimeName, Goal>> = {
  Deno: { of: "ratio", is: "at most", limit: 1.4 },
  Node: { of: "ratio", is: "at most", limit: 1.15 },
};

/** Each process only takes its first turn. */
const FIRST_TURN: Turns = { warmUp: 0, measured: 1 };

/** Measures the first burst of payloads. */
export async function measureFirstBurst(
  programs: Programs,
  runtime: RuntimeName,
  rounds: number,
): Promise<Row> {
  return burstRow(
    {
      what: "first 20,000 payloads of 2.7 KB",
      runtime,
      unit: "messages/s",
      goals: [BURST_GOALS[runtime]],
    },
    await bareAndSession(
      programs,
      runtime,
      BURST,
      rounds,
      FIRST_TURN,
      (contestant) => runBurst(contestant, BURST.count),
    ),
  );
}

/** Measures the median of the first round trips. */
export async function measureFirstRoundTrips(
  programs: Programs,
  runtime: RuntimeName,
  rounds: number,
): Promise<Row> {
  return rowOf(
    {
      what: "first 4,000 round trips, p50",
      runtime,
      unit: "µs",
      goals: [ROUND_TRIP_GOALS[runtime]],
    },
    await bareAndSession(
      programs,
      runtime,
      ROUND_TRIPS,
      rounds,
      FIRST_TURN,
      async ({ turn }) => median((await turn<RoundTripResult>()).microseconds),
    ),
  );
}
