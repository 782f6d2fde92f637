/**
 * How many messages a second are acknowledged out of one burst.
 *
 * @module
 */

import type { BurstResult, BurstScenario } from "../load/burst.ts";
import type { MessageKind } from "../load/messages.ts";
import { alternate, type Subject, withPair } from "../measurement.ts";
import type { Programs, RuntimeName } from "../programs.ts";
import { type Row, rowOf } from "../row.ts";

/** One kind of burst. */
export interface Throughput {
  /** What the table calls it. */
  readonly what: string;
  /** The kind of message. */
  readonly kind: MessageKind;
  /** How many. */
  readonly count: number;
  /** The least ratio to the bare loop. */
  readonly goal: number;
}

/** What one burst cost. */
export interface Burst {
  /** Messages acknowledged a second. */
  readonly rate: number;
  /** The client's processor time, in seconds, where the system tells it. */
  readonly processorSeconds: number | undefined;
}

/** Measures one kind of burst on one runtime. */
export async function measureThroughput(
  programs: Programs,
  runtime: RuntimeName,
  { what, kind, count, goal }: Throughput,
  rounds: number,
): Promise<Row> {
  const found = await alternate(
    rounds,
    (client) => measureBurst(programs, { runtime, client }, kind, count),
  );
  return rowOf(
    {
      what,
      runtime,
      unit: "messages/s",
      goals: [{ of: "ratio", is: "at least", limit: goal }],
    },
    found.map(({ bare, session }) => ({
      bare: bare.rate,
      session: session.rate,
      processorRatio: bare.processorSeconds && session.processorSeconds &&
        session.processorSeconds / bare.processorSeconds,
    })),
  );
}

/** Measures one burst with one client. */
export function measureBurst(
  programs: Programs,
  subject: Subject,
  kind: MessageKind,
  count: number,
): Promise<Burst> {
  // As much before as is measured: V8 compiles for seconds, and a session has more to compile.
  const scenario: BurstScenario = { name: "burst", kind, count, warmUp: count };
  return withPair(programs, subject, scenario, {}, async ({ loadGenerator, client }) => {
    await loadGenerator.next();
    const before = await client.processorSeconds();
    await loadGenerator.goAhead();
    const { seconds } = await loadGenerator.next<BurstResult>();
    const after = await client.processorSeconds();
    return {
      rate: count / seconds,
      processorSeconds: before !== undefined && after !== undefined ? after - before : undefined,
    };
  });
}
