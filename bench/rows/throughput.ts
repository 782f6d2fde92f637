/**
 * How many messages a second are acknowledged out of one burst.
 *
 * @module
 */

import type { BurstResult, BurstScenario } from "../load/burst.ts";
import type { MessageKind } from "../load/messages.ts";
import type { Programs, RuntimeName } from "../programs.ts";
import { type Row, rowOf } from "../row.ts";
import { bareAndSession, type Player, type Turns } from "../turns.ts";

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
  turns: Turns,
): Promise<Row> {
  const scenario: BurstScenario = { name: "burst", kind, count };
  const found = await bareAndSession(
    programs,
    runtime,
    scenario,
    rounds,
    turns,
    (player) => takeBurst(player, count),
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

/** Has a client take one burst of so many messages. */
export async function takeBurst({ client, turn }: Player, count: number): Promise<Burst> {
  const before = await client.processorSeconds();
  const { seconds } = await turn<BurstResult>();
  const after = await client.processorSeconds();
  return {
    rate: count / seconds,
    processorSeconds: before !== undefined && after !== undefined ? after - before : undefined,
  };
}
