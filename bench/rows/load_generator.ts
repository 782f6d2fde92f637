/**
 * What the load generator can do at most: that it is not what limits the other lines.
 *
 * @module
 */

import type { MessageKind } from "../load/messages.ts";
import type { Programs } from "../programs.ts";
import { type Row, rowOf } from "../row.ts";
import { measureBurst } from "./throughput.ts";

/** Measures a burst that a raw socket answers, looking at no more than the frames' headers. */
export async function measureLoadGenerator(
  programs: Programs,
  { what, kind, count }: { what: string; kind: MessageKind; count: number },
  rounds: number,
): Promise<Row> {
  const rates: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const subject = { runtime: "Node", client: "raw" } as const;
    rates.push((await measureBurst(programs, subject, kind, count)).rate);
  }
  return rowOf(
    {
      what: `load generator alone, ${what}`,
      runtime: "Node",
      unit: "messages/s",
      goals: [],
      note: "answered by a raw socket instead of a session",
    },
    rates.map((session) => ({ session })),
  );
}
