/**
 * The rate at which the messages of one burst are acknowledged.
 *
 * @module
 */

import type { BurstResult, BurstScenario } from "../load/burst.ts";
import type { MessageKind } from "../load/messages.ts";
import type { Programs, RuntimeName } from "../programs.ts";
import { type Row, type RowHead, rowOf } from "../row.ts";
import { bareAndSession, type Contestant, type Turns } from "../turns.ts";

/** One kind of burst. */
export interface Throughput {
  /** Its name in the table. */
  readonly what: string;
  /** The kind of message. */
  readonly kind: MessageKind;
  /** The number of messages. */
  readonly count: number;
  /** Minimum ratio of the session to the bare loop. */
  readonly goal: number;
}

/** The result of one burst. */
export interface Burst {
  /** Messages acknowledged per second. */
  readonly rate: number;
  /** The client's CPU time in seconds, where the system reports it. */
  readonly processorSeconds: number | undefined;
}

/** Measures one kind of burst on one runtime. */
export async function measureThroughput(
  programs: Programs,
  runtime: RuntimeName,
  { what, kind, count, goal }: Throughput,
  rounds: number,
  turns: Turns,
): Promise<Row> {
  const scenario: BurstScenario = { name: "burst", kind, count };
  const found = await bareAndSession(
    programs,
    runtime,
    scenario,
    rounds,
    turns,
    (contestant) => runBurst(contestant, count),
  );
  return burstRow(
    {
      what,
      runtime,
      unit: "messages/s",
      goals: [{ of: "ratio", is: "at least", limit: goal }],
    },
    found,
  );
}

/** Makes a row of pairs of bursts. */
export function burstRow(
  head: RowHead,
  bursts: readonly { readonly bare: Burst; readonly session: Burst }[],
): Row {
  return rowOf(
    head,
    bursts.map(({ bare, session }) => ({
      bare: bare.rate,
      session: session.rate,
      processorRatio: bare.processorSeconds && session.processorSeconds &&
        session.processorSeconds / bare.processorSeconds,
    })),
  );
}

/** Sends a client one burst of `count` messages. */
export async function runBurst({ client, turn }: Contestant, count: number): Promise<Burst> {
  const before = await client.processorSeconds();
  const { seconds } = await turn<BurstResult>();
  const after = await client.processorSeconds();
  return {
    rate: count / seconds,
    processorSeconds: before !== undefined && after !== undefined ? after - before : undefined,
  };
}
