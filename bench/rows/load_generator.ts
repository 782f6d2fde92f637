/**
 * The load generator's maximum rate, which shows that it does not limit the other rows.
 *
 * @module
 */

import type { BurstScenario } from "../load/burst.ts";
import type { Programs } from "../programs.ts";
import { type Round, type Row, rowOf } from "../row.ts";
import { type Turns, withContestants } from "../turns.ts";
import { runBurst, type Throughput } from "./throughput.ts";

/** Measures a burst answered by a raw socket that reads only the frames' headers. */
export async function measureLoadGenerator(
  programs: Programs,
  { what, kind, count }: Throughput,
  { warmUp, measured }: Turns,
): Promise<Row> {
  const scenario: BurstScenario = { name: "burst", kind, count };
  const rounds = await withContestants(programs, "Node", ["raw"], scenario, async (raw) => {
    const bursts: Round[] = [];
    while (bursts.length < warmUp + measured) {
      bursts.push({ session: (await runBurst(raw, count)).rate });
    }
    return bursts;
  });
  return rowOf(
    {
      what: `load generator alone, ${what}`,
      runtime: "Node",
      unit: "messages/s",
      goals: [],
      note: "answered by a raw socket instead of a session",
    },
    rounds.slice(warmUp),
  );
}
