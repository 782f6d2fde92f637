/**
 * A session's peak memory when messages arrive faster than its handler accepts them.
 *
 * @module
 */

import type { ResendResult, ResendScenario } from "../load/resend.ts";
import { withPair } from "../measurement.ts";
import type { Programs, RuntimeName } from "../programs.ts";
import { formatNumber } from "../report/format_number.ts";
import { type Row, rowOf } from "../row.ts";
import { median } from "../statistics.ts";

/** The handler's time for each payload, in ms. */
const HANDLER_MS = 1;

/** Measures one burst of large payloads with a given maximum number of messages in a lane. */
export async function measureBackpressure(
  programs: Programs,
  runtime: RuntimeName,
  laneMessages: number,
  count: number,
  rounds: number,
): Promise<Row> {
  const scenario: ResendScenario = { name: "resend", kind: "large-payload", count };
  const options = { handlerMs: HANDLER_MS, limits: { maxLaneMessages: laneMessages } };
  const found: { result: ResendResult; peakBytes: number }[] = [];
  for (let round = 0; round < rounds; round++) {
    found.push(
      await withPair(
        programs,
        { runtime, client: "session" },
        scenario,
        options,
        async ({ loadGenerator, client }) => {
          const result = await loadGenerator.next<ResendResult>();
          return { result, peakBytes: await client.peakBytes() ?? NaN };
        },
      ),
    );
  }
  const middle = (of: (result: ResendResult) => number) =>
    formatNumber(median(found.map(({ result }) => of(result))));
  const megabytes = middle(({ messageBytes }) => count * messageBytes / 1e6);
  return rowOf(
    {
      what: `burst of ${megabytes} MB, lane of ${laneMessages}, peak memory`,
      runtime,
      unit: "MB",
      goals: [],
      note: `${middle(({ acknowledged }) => acknowledged)} of ${formatNumber(count)} acked in ` +
        `${middle(({ seconds }) => seconds)} s, ${middle(({ connections }) => connections)} ` +
        `connections, ${middle(({ again }) => again)} acked again`,
    },
    found.map(({ peakBytes }) => ({ session: peakBytes / 1e6 })),
  );
}
