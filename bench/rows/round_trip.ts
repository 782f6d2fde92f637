/**
 * How long one message takes until its answer, with nothing else under way.
 *
 * @module
 */

import type { RoundTripResult, RoundTripScenario } from "../load/round_trip.ts";
import type { Programs, RuntimeName } from "../programs.ts";
import { type Row, rowOf } from "../row.ts";
import { quantile } from "../statistics.ts";
import { bareAndSession, type Turns } from "../turns.ts";

/** Some 60 ms: shorter than what slows this kind of machine down. */
const SCENARIO: RoundTripScenario = { name: "round-trip", kind: "payload", count: 1000 };

/** The most that a session may take, by the bare loop. */
const GOAL = 1.15;

/** Measures half and all but the slowest hundredth of the round trips of payloads. */
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
