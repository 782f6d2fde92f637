/**
 * The results of a full run, and where they are stored.
 *
 * @module
 */

import { join } from "node:path";
import { ROOT } from "../../scripts/npm/deno_config.ts";
import { type Part, PARTS } from "../measurements.ts";
import type { Programs } from "../programs.ts";
import type { Row } from "../row.ts";

/** The rows of one part, and the conditions of the measurement. */
export interface PartResults {
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

/** The results of all parts; parts that were never measured are absent. */
export type Results = { readonly [part in Part]?: PartResults };

const PATH = join(ROOT, "bench", "results.json");

/** Replaces the stored results of the given parts. */
export async function writeResults(measured: Results): Promise<Results> {
  const results = { ...await readResults(), ...measured };
  const inOrder = Object.fromEntries(PARTS.map((part) => [part, results[part]]));
  await Deno.writeTextFile(PATH, `${JSON.stringify(inOrder, null, 2)}\n`);
  return results;
}

/** Reads the stored results. */
export async function readResults(): Promise<Results> {
  return JSON.parse(await Deno.readTextFile(PATH));
}
