/**
 * What a whole run found, and where it is kept.
 *
 * @module
 */

import { join } from "node:path";
import { ROOT } from "../../scripts/npm/deno_config.ts";
import type { Programs } from "../programs.ts";
import type { Row } from "../row.ts";

/** What a run found. */
export interface Results {
  /** The day, such as `2026-11-24`. */
  readonly date: string;
  /** What the runtimes call themselves. */
  readonly versions: Programs["versions"];
  /** How many processors the machine has. */
  readonly processors: number;
  /** What they call themselves. */
  readonly processorModel: string;
  /** The lines. */
  readonly rows: readonly Row[];
}

const PATH = join(ROOT, "bench", "results.json");

/** Keeps the results of the last full run. */
export async function writeResults(results: Results): Promise<void> {
  await Deno.writeTextFile(PATH, `${JSON.stringify(results, null, 2)}\n`);
}

/** Reads what {@linkcode writeResults} has kept. */
export async function readResults(): Promise<Results> {
  return JSON.parse(await Deno.readTextFile(PATH));
}
