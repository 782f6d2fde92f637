/**
 * Runs one scenario with several clients that take turns. Each is a process that lives through all of
 * its turns, so that a slow moment of the machine hits all of them.
 *
 * @module
 */

import { Child } from "./child.ts";
import type { BurstScenario } from "./load/burst.ts";
import type { RoundTripScenario } from "./load/round_trip.ts";
import { alternate, urlOf } from "./measurement.ts";
import type { ClientName, Programs, RuntimeName } from "./programs.ts";

/** A client that is connected, and its turns. */
export interface Player {
  /** Its process. */
  readonly client: Child;
  /** Takes one turn; what it returns is what the load generator found. */
  turn<Result>(): Promise<Result>;
}

/**
 * Starts all, lets `measure` have them take turns, and ends all.
 *
 * @param programs What to start.
 * @param runtime On which runtime.
 * @param clients Who is to play.
 * @param scenario What the load generator does at each turn.
 * @param measure Has them take turns, one at a time.
 * @returns What `measure` returns.
 */
export async function withPlayers<T>(
  programs: Programs,
  runtime: RuntimeName,
  clients: readonly ClientName[],
  scenario: BurstScenario | RoundTripScenario,
  measure: (...players: Player[]) => Promise<T>,
): Promise<T> {
  await using processes = new AsyncDisposableStack();
  const loadGenerator = processes.use(new Child(programs.loadGenerator, scenario));
  const url = await urlOf(loadGenerator);
  const players: Player[] = [];
  for (const [index, name] of clients.entries()) {
    const client = processes.use(
      new Child(programs.client(runtime, name), { url, connections: 1 }),
    );
    await loadGenerator.next<"connected">();
    players.push({
      client,
      async turn<Result>() {
        await loadGenerator.goAhead(String(index));
        return await loadGenerator.next<Result>();
      },
    });
  }
  return await measure(...players);
}

/** How many turns a client takes in a round. */
export interface Turns {
  /** How many before it is measured: V8 compiles for seconds. */
  readonly warmUp: number;
  /** How many after those. */
  readonly measured: number;
}

/**
 * Has bare loop and session take turns; who is first changes with each turn.
 *
 * @param rounds How often both are started anew.
 * @param turns How many turns each takes in a round.
 * @param takeTurn Has one of them take a turn.
 * @returns What the turns found, in pairs.
 */
export async function bareAndSession<T>(
  programs: Programs,
  runtime: RuntimeName,
  scenario: BurstScenario | RoundTripScenario,
  rounds: number,
  { warmUp, measured }: Turns,
  takeTurn: (player: Player) => Promise<T>,
): Promise<{ bare: T; session: T }[]> {
  const found: { bare: T; session: T }[] = [];
  for (let round = 0; round < rounds; round++) {
    const pairs = await withPlayers(
      programs,
      runtime,
      ["bare", "session"],
      scenario,
      (bare, session) =>
        alternate(warmUp + measured, (client) => takeTurn(client === "bare" ? bare : session)),
    );
    found.push(...pairs.slice(warmUp));
  }
  return found;
}
