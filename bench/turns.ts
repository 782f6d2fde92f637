/**
 * Runs one scenario with several clients that take turns. Each client is one process for all of its
 * turns, so that a slow phase of the machine affects all of them.
 *
 * @module
 */

import { Child } from "./child.ts";
import type { BurstScenario } from "./load/burst.ts";
import type { RoundTripScenario } from "./load/round_trip.ts";
import { alternate, urlOf } from "./measurement.ts";
import type { ClientName, Programs, RuntimeName } from "./programs.ts";

/** A connected client that takes turns. */
export interface Contestant {
  /** Its process. */
  readonly client: Child;
  /** Takes one turn and returns the load generator's result. */
  turn<Result>(): Promise<Result>;
}

/** A client that reaches the load generator through something else. */
export interface ClientThrough {
  /** The client. */
  readonly name: ClientName;
  /** Starts what is in between, and returns the URL at which the client reaches it. */
  through?(url: string): Promise<string>;
}

/**
 * Starts all clients, calls `measure`, which makes them take turns, and ends them.
 *
 * @param programs The programs to start.
 * @param runtime The clients' runtime.
 * @param clients The clients to start.
 * @param scenario What the load generator does in each turn.
 * @param measure Makes them take turns, one at a time.
 * @returns What `measure` returns.
 */
export async function withContestants<T>(
  programs: Programs,
  runtime: RuntimeName,
  clients: readonly (ClientName | ClientThrough)[],
  scenario: BurstScenario | RoundTripScenario,
  measure: (...contestants: Contestant[]) => Promise<T>,
): Promise<T> {
  await using processes = new AsyncDisposableStack();
  const loadGenerator = processes.use(new Child(programs.loadGenerator, scenario));
  const url = await urlOf(loadGenerator);
  const contestants: Contestant[] = [];
  for (const [index, each] of clients.entries()) {
    const { name, through } = typeof each === "string" ? { name: each } : each;
    const reached = through === undefined ? url : await through(url);
    const client = processes.use(
      new Child(programs.client(runtime, name), { url: reached, connections: 1 }),
    );
    await loadGenerator.next<"connected">();
    contestants.push({
      client,
      async turn<Result>() {
        await loadGenerator.goAhead(String(index));
        return await loadGenerator.next<Result>();
      },
    });
  }
  return await measure(...contestants);
}

/** The number of turns that a client takes in a round. */
export interface Turns {
  /** Turns that are not measured: V8 keeps compiling for seconds. */
  readonly warmUp: number;
  /** Measured turns after those. */
  readonly measured: number;
}

/**
 * Makes the bare loop and the session take turns; each turn swaps which one goes first.
 *
 * @param rounds How often both are started.
 * @param turns The number of turns that each takes in a round.
 * @param takeTurn Makes one of them take a turn.
 * @returns The results of the measured turns, in pairs.
 */
export async function bareAndSession<T>(
  programs: Programs,
  runtime: RuntimeName,
  scenario: BurstScenario | RoundTripScenario,
  rounds: number,
  { warmUp, measured }: Turns,
  takeTurn: (contestant: Contestant) => Promise<T>,
): Promise<{ bare: T; session: T }[]> {
  const found: { bare: T; session: T }[] = [];
  for (let round = 0; round < rounds; round++) {
    const pairs = await withContestants(
      programs,
      runtime,
      ["bare", "session"],
      scenario,
      (bare, session) =>
        alternate(
          warmUp + measured,
          (client) => takeTurn(client === "bare" ? bare : session),
          // With one turn per round, the rounds have to alternate the order.
          round,
        ),
    );
    found.push(...pairs.slice(warmUp));
  }
  return found;
}
