/**
 * The results of a full run, and where they are stored.
 *
 * @module
 */

import { join } from "node:path";
import { ROOT } from "../../scripts/npm/deno_config.ts";
import type { Programs } from "../programs.ts";
import type { Row } from "../row.ts";

/** The results of a run. */
export interface Results {
  /** The day, such as `2026-11-24`. */
  readonly date: string;
  /** The runtimes' names and versions. */
  readonly versions: Programs["versions"];
  /** The number of processors. */
  readonly processors: number;
  /** The processors' model name. */
  readonly processorModel: string;
  /** The rows. */
  readonly rows: readonly Row[];
}

const PATH = join(ROOT, "bench", "results.json");

/** Stores the results of a full run. */
export async function writeResults(results: Results): Promise<void> {
  await Deno.writeTextFile(PATH, `${JSON.stringify(results, null, 2)}\n`);
}

/** Reads the results that {@linkcode writeResults} stored. */
export async function readResults(): Promise<Results> {
  return JSON.parse(await Deno.readTextFile(PATH));
}
