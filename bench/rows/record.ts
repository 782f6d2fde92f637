/**
 * The time that `acs record` adds to a message and its answer.
 *
 * @module
 */

import type { MessageKind } from "../load/messages.ts";
import type { RoundTripResult, RoundTripScenario } from "../load/round_trip.ts";
import { alternate } from "../measurement.ts";
import type { Programs, RuntimeName } from "../programs.ts";
import { startRecorder } from "../recorder.ts";
import { type Row, rowOf } from "../row.ts";
import { quantile } from "../statistics.ts";
import { type Turns, withContestants } from "../turns.ts";

/** What passes through a recorder. */
export interface Recorded {
  /** Its name in the table. */
  readonly what: string;
  /** The messages. */
  readonly kind: MessageKind;
  /** Round trips per turn. The recorder writes all of them to its trace. */
  readonly count: number;
}

/** Maximum time that a recorder may add to a frame, in µs; a round trip has two. */
const GOAL = 1000;

/**
 * Measures how much longer the median and the 99th percentile of the round trips of a raw socket
 * are through a recorder than without one. Both take turns against the same load generator.
 */
export async function measureRecorder(
  programs: Programs,
  runtime: RuntimeName,
  { what, kind, count }: Recorded,
  rounds: number,
  { warmUp, measured }: Turns,
): Promise<Row[]> {
  const scenario: RoundTripScenario = { name: "round-trip", kind, count };
  const found: { bare: readonly number[]; session: readonly number[] }[] = [];
  for (let round = 0; round < rounds; round++) {
    await using processes = new AsyncDisposableStack();
    const through = async (url: string) =>
      processes.use(await startRecorder(programs, runtime, url)).endpoint;
    const turns = await withContestants(
      programs,
      "Node",
      ["raw", { name: "raw", through }],
      scenario,
      (direct, recorded) =>
        alternate(
          warmUp + measured,
          async (client) => {
            const { turn } = client === "bare" ? direct : recorded;
            return (await turn<RoundTripResult>()).microseconds;
          },
          round,
        ),
    );
    found.push(...turns.slice(warmUp));
  }
  return ([["p50", 0.5], ["p99", 0.99]] as const).map(([name, part]) =>
    rowOf(
      {
        what: `added by acs record to ${what}, ${name}`,
        runtime,
        unit: "µs",
        goals: [{ of: "session", is: "at most", limit: GOAL }],
        note: "a message and its answer",
      },
      found.map(({ bare, session }) => ({
        session: quantile(session, part) - quantile(bare, part),
      })),
    )
  );
}
