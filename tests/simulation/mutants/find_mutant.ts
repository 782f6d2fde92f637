/**
 * Runs a simulation of a mutant: a copy of the sources with one mistake.
 *
 * @module
 */

import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Mutant } from "./mutants.ts";
import type { runSeed, SeedRun } from "../seeds.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

/** How much CPU time a search for one mutant may take, in ms. */
export const MAX_MUTANT_CPU_MS = 60_000;

/** What a simulation is made of. */
const SOURCES = [
  "errors.ts",
  "failures",
  "protocol",
  "internal",
  "responders",
  "wsclient",
  "session",
  "emulator",
  "tests/simulation",
  "tests/testing",
];

/** How a mutant was found. */
export interface MutantFound {
  /** The simulation that found it. */
  readonly run: SeedRun;
  /** How much CPU time all simulations took, in ms. */
  readonly cpuMs: number;
}

/**
 * Simulates seed after seed until a sentence does not hold.
 *
 * @param mutant The mutant.
 * @param maxCpuMs How much CPU time the simulations may take, in ms.
 * @returns `undefined` if all sentences held.
 * @throws {Error} If the text that the mutant replaces is not in its file.
 */
export async function findMutant(
  mutant: Mutant,
  maxCpuMs: number,
): Promise<MutantFound | undefined> {
  const folder = await mkdtemp(join(tmpdir(), "acs-mutant-"));
  try {
    for (const source of SOURCES) {
      await cp(join(ROOT, source), join(folder, source), { recursive: true });
    }
    await mutate(folder, mutant);
    const module: { readonly runSeed: typeof runSeed } = await import(
      pathToFileURL(join(folder, "tests/simulation/seeds.ts")).href
    );
    let cpuMs = 0;
    for (let seed = mutant.seed; cpuMs < maxCpuMs; seed++) {
      const run = await module.runSeed(seed, 1, { level: "hell" });
      cpuMs += run.result.cpuMs;
      if (run.result.broken !== undefined) return { run, cpuMs };
    }
    return undefined;
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function mutate(folder: string, { file, find, replace, mistake }: Mutant): Promise<void> {
  const path = join(folder, file);
  const source = await readFile(path, "utf8");
  if (!source.includes(find)) {
    throw new Error(`The mutant "${mistake}" does not fit ${file} any more: look for ${find}`);
  }
  await writeFile(path, source.replaceAll(find, replace));
}
