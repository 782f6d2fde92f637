/**
 * The lines that the processes of a pool exchange.
 *
 * @module
 */

import type { Level } from "./schedule.ts";
import type { SeedRun } from "./seeds.ts";

/** A seed to simulate. */
export interface SeedRequest {
  readonly seed: number;
  readonly days: number;
  /** The level of faults; it follows from the seed by default. */
  readonly level?: Level | undefined;
}

/** Formats a request as a line. */
export function formatRequest(request: SeedRequest): string {
  return JSON.stringify(request);
}

/** Parses a line of {@linkcode formatRequest}. */
export function parseRequest(line: string): SeedRequest {
  return JSON.parse(line);
}

/** Formats a result as a line; its trace is left out unless an invariant was violated. */
export function formatRun(run: SeedRun): string {
  const { result } = run;
  const { newest, transcript } = result.broken ? result : { newest: [], transcript: [] };
  return JSON.stringify({
    ...run,
    result: { ...result, newest, transcript, faults: [...result.faults] },
  });
}

/** Parses a line of {@linkcode formatRun}. */
export function parseRun(line: string): SeedRun {
  const run = JSON.parse(line);
  return { ...run, result: { ...run.result, faults: new Map(run.result.faults) } };
}
