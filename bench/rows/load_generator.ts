/**
 * What the load generator can do at most: that it is not what limits the other lines.
 *
 * @module
 */

import type { BurstScenario } from "../load/burst.ts";
import type { Programs } from "../programs.ts";
import { type Round, type Row, rowOf } from "../row.ts";
import { type Turns, withPlayers } from "../turns.ts";
import { takeBurst, type Throughput } from "./throughput.ts";

/** Measures a burst that a raw socket answers, looking at no more than the frames' headers. */
export async function measureLoadGenerator(
  programs: Programs,
  { what, kind, count }: Throughput,
  { warmUp, measured }: Turns,
): Promise<Row> {
  const scenario: BurstScenario = { name: "burst", kind, count };
  const rounds = await withPlayers(programs, "Node", ["raw"], scenario, async (raw) => {
    const bursts: Round[] = [];
    while (bursts.length < warmUp + measured) {
      bursts.push({ session: (await takeBurst(raw, count)).rate });
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
