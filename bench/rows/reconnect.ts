/**
 * The time a session takes to reconnect after a clean close.
 *
 * @module
 */

import type { ReconnectResult, ReconnectScenario } from "../load/reconnect.ts";
import { withPair } from "../measurement.ts";
import type { Programs, RuntimeName } from "../programs.ts";
import { formatNumber } from "../report/format_number.ts";
import { type Row, rowOf } from "../row.ts";
import { median, quantile } from "../statistics.ts";

/** Maximum of the median, in ms. */
const GOAL = 10;

/**
 * Sessions per process: each connection has to last 5 s, and with this many, one can be closed every
 * 0.1 s on average.
 */
const SESSIONS = 60;

/** Measures from the service's close frame to the next upgrade request. */
export async function measureReconnects(
  programs: Programs,
  runtime: RuntimeName,
  count: number,
  rounds: number,
): Promise<Row> {
  const scenario: ReconnectScenario = {
    name: "reconnect",
    connections: SESSIONS,
    count,
    warmUp: Math.ceil(count / 5),
  };
  const found: (readonly number[])[] = [];
  for (let round = 0; round < rounds; round++) {
    const { milliseconds } = await withPair(
      programs,
      { runtime, client: "session" },
      scenario,
      { connections: SESSIONS },
      async ({ loadGenerator, client }) => {
        await client.next();
        await client.goAhead();
        return await loadGenerator.next<ReconnectResult>();
      },
    );
    found.push(milliseconds);
  }
  const slow = median(found.map((milliseconds) => quantile(milliseconds, 0.99)));
  return rowOf(
    {
      what: "reconnect after a clean close, p50",
      runtime,
      unit: "ms",
      goals: [{ of: "session", is: "at most", limit: GOAL }],
      note: `p99 ${formatNumber(slow)} ms`,
    },
    found.map((milliseconds) => ({ session: quantile(milliseconds, 0.5) })),
  );
}
