/**
 * The time from one message to its answer on an otherwise idle connection.
 *
 * @module
 */

import type { RoundTripResult, RoundTripScenario } from "../load/round_trip.ts";
import type { Programs, RuntimeName } from "../programs.ts";
import { type Row, rowOf } from "../row.ts";
import { quantile } from "../statistics.ts";
import { bareAndSession, type Turns } from "../turns.ts";

/** Takes about 60 ms, less than the slow phases of a shared machine. */
const SCENARIO: RoundTripScenario = { name: "round-trip", kind: "payload", count: 1000 };

/** Maximum ratio of the session to the bare loop. */
const GOAL = 1.15;

/** Measures the median and the 99th percentile of payload round trips. */
export async function measureRoundTrips(
  programs: Programs,
  runtime: RuntimeName,
  rounds: number,
  turns: Turns,
): Promise<Row[]> {
  const found = await bareAndSession(
    programs,
    runtime,
    SCENARIO,
    rounds,
    turns,
    async ({ turn }) => (await turn<RoundTripResult>()).microseconds,
  );
  const row = (name: string, part: number, goals: Row["goals"]) =>
    rowOf(
      { what: `round trip, ${name}`, runtime, unit: "µs", goals },
      found.map(({ bare, session }) => ({
        bare: quantile(bare, part),
        session: quantile(session, part),
      })),
    );
  return [
    row("p50", 0.5, [{ of: "ratio", is: "at most", limit: GOAL }]),
    row("p99", 0.99, []),
  ];
}
