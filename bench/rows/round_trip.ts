/**
 * How long one message takes until its answer, with nothing else under way.
 *
 * @module
 */

import type { RoundTripResult, RoundTripScenario } from "../load/round_trip.ts";
import { alternate, withPair } from "../measurement.ts";
import type { Programs, RuntimeName } from "../programs.ts";
import { type Row, rowOf } from "../row.ts";
import { quantile } from "../statistics.ts";

/** The most that a session may take, by the bare loop. */
const GOAL = 1.15;

/** Measures half and all but the slowest hundredth of the round trips of payloads. */
export async function measureRoundTrips(
  programs: Programs,
  runtime: RuntimeName,
  count: number,
  rounds: number,
): Promise<Row[]> {
  const scenario: RoundTripScenario = {
    name: "round-trip",
    kind: "payload",
    count,
    warmUp: count,
  };
  const found = await alternate(
    rounds,
    (client) =>
      withPair(
        programs,
        { runtime, client },
        scenario,
        {},
        ({ loadGenerator }) => loadGenerator.next<RoundTripResult>(),
      ),
  );
  const row = (name: string, part: number, goals: Row["goals"]) =>
    rowOf(
      { what: `round trip, ${name}`, runtime, unit: "µs", goals },
      found.map(({ bare, session }) => ({
        bare: quantile(bare.microseconds, part),
        session: quantile(session.microseconds, part),
      })),
    );
  return [
    row("p50", 0.5, [{ of: "ratio", is: "at most", limit: GOAL }]),
    row("p99", 0.99, []),
  ];
}
