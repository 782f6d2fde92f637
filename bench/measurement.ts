/**
 * Runs one scenario with one client, in two fresh processes.
 *
 * @module
 */

import type { ClientArguments } from "./clients/client_process.ts";
import { Child } from "./child.ts";
import type { Scenario } from "./load/scenarios.ts";
import type { ClientName, Programs, RuntimeName } from "./programs.ts";

/** The client to measure. */
export interface Subject {
  /** The runtime. */
  readonly runtime: RuntimeName;
  /** The client. */
  readonly client: ClientName;
}

/** The two processes. */
export interface Pair {
  /** The service's side; reports the scenario's results. */
  readonly loadGenerator: Child;
  /** The agent's side. */
  readonly client: Child;
}

/**
 * Starts both processes, calls `measure` with them, and ends both.
 *
 * @param programs The programs to start.
 * @param subject The client to measure.
 * @param scenario What the load generator does.
 * @param options Further arguments of the client.
 * @param measure Runs the measurement.
 * @returns What `measure` returns.
 */
export async function withPair<T>(
  programs: Programs,
  { runtime, client }: Subject,
  scenario: Scenario,
  options: Partial<ClientArguments>,
  measure: (pair: Pair) => Promise<T>,
): Promise<T> {
  await using loadGenerator = new Child(programs.loadGenerator, scenario);
  await using child = new Child(programs.client(runtime, client), {
    connections: 1,
    ...options,
    url: await urlOf(loadGenerator),
  });
  return await measure({ loadGenerator, client: child });
}

/** The URL of a load generator that has just been started. */
export async function urlOf(loadGenerator: Child): Promise<string> {
  const { port } = await loadGenerator.next<{ port: number }>();
  return `http://127.0.0.1:${port}`;
}

/**
 * Measures the yardstick and the session alternately, so that a slow phase of the machine affects
 * both. Each round swaps which one goes first.
 *
 * @param rounds The number of rounds.
 * @param measure Measures one of them.
 * @param first The number of the first round. Default 0; the yardstick goes first in even rounds.
 * @returns The two results of each round.
 */
export async function alternate<T>(
  rounds: number,
  measure: (client: "bare" | "session") => Promise<T>,
  first = 0,
): Promise<{ bare: T; session: T }[]> {
  const results: { bare: T; session: T }[] = [];
  for (let round = first; round < first + rounds; round++) {
    if (round % 2 === 0) {
      const bare = await measure("bare");
      results.push({ bare, session: await measure("session") });
    } else {
      const session = await measure("session");
      results.push({ bare: await measure("bare"), session });
    }
  }
  return results;
}
