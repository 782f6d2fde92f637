/**
 * Runs a simulation of a mutant: a copy of the sources with one mistake.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Mutant } from "./mutants.ts";
import type { runSeed } from "../seeds.ts";
import type { Session } from "../../../session/session.ts";
import type { BrokenInvariant, simulate } from "../simulate.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

/** How much CPU time a search for one mutant may take, in ms. */
export const MAX_MUTANT_CPU_MS = 60_000;

/** What a simulation is made of. */
const SOURCES = [
  "mod.ts",
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

/** The simulation of a mutant. */
export interface MutantSimulation {
  readonly runSeed: typeof runSeed;
  readonly simulate: typeof simulate;
  /** The mutant's session, for real sockets. */
  readonly Session: typeof Session;
}

/** How a mutant was found. */
export interface MutantFound {
  /** The seed of the simulation that found it. */
  readonly seed: number;
  /** The invariant that did not hold. */
  readonly broken: BrokenInvariant;
  /** How much CPU time all simulations took, in ms. */
  readonly cpuMs: number;
}

/**
 * Returns the mistakes of the mutants that no simulation finds within 60 s of CPU time each.
 *
 * @param mutants The mutants.
 * @throws {Error} If the text that a mutant replaces is not in its file.
 */
export async function missedOf(mutants: readonly Mutant[]): Promise<string[]> {
  const missed: string[] = [];
  for (const mutant of mutants) {
    if (await findMutant(mutant, MAX_MUTANT_CPU_MS) === undefined) missed.push(mutant.mistake);
  }
  return missed;
}

/**
 * Simulates seed after seed until an invariant does not hold.
 *
 * @param mutant The mutant.
 * @param maxCpuMs How much CPU time the simulations may take, in ms.
 * @returns `undefined` if all invariants held.
 * @throws {Error} If the text that the mutant replaces is not in its file.
 */
export async function findMutant(
  mutant: Mutant,
  maxCpuMs: number,
): Promise<MutantFound | undefined> {
  return await withMutant(mutant, async ({ runSeed, simulate }) => {
    if (mutant.schedule !== undefined) {
      const { broken, cpuMs } = await simulate(mutant.schedule);
      return broken && { seed: mutant.schedule.seed, broken, cpuMs };
    }
    let cpuMs = 0;
    for (let seed = mutant.seed ?? 1; cpuMs < maxCpuMs; seed++) {
      const { result } = await runSeed(seed, 1, { level: "hell" });
      cpuMs += result.cpuMs;
      if (result.broken !== undefined) return { seed, broken: result.broken, cpuMs };
    }
    return undefined;
  });
}

/**
 * Calls a function with the simulation of a mutant.
 *
 * @param mutant The mutant.
 * @param use Called with its simulation.
 * @throws {Error} If the text that the mutant replaces is not in its file.
 */
export async function withMutant<T>(
  mutant: Mutant,
  use: (of: MutantSimulation) => Promise<T>,
): Promise<T> {
  const folder = await folderOf(mutant);
  try {
    await mutate(mutant, folder);
    const importOf = (file: string) => import(pathToFileURL(join(folder, file)).href);
    const { runSeed } = await importOf("tests/simulation/seeds.ts");
    const { simulate } = await importOf("tests/simulation/simulate.ts");
    const { Session } = await importOf("mod.ts");
    return await use({ runSeed, simulate, Session });
  } finally {
    await rm(folder, { recursive: true });
  }
}

/**
 * Creates the folder of a mutant. Its name is the same each time, because Deno keeps what it has
 * compiled: another name would fill its cache.
 */
async function folderOf({ file, find, replace }: Mutant): Promise<string> {
  const digest = createHash("sha256").update(JSON.stringify([ROOT, file, find, replace]));
  const path = join(tmpdir(), `acs-mutant-${digest.digest("hex").slice(0, 16)}`);
  for (let number = 0;; number++) {
    // Another process may be using the first one.
    const folder = `${path}-${number}`;
    try {
      await mkdir(folder);
      return folder;
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    }
  }
}

/** Links the sources into a folder, all but the file with the mistake, which is written there. */
async function mutate({ file, find, replace, mistake }: Mutant, folder: string): Promise<void> {
  const source = await readFile(join(ROOT, file), "utf8");
  if (!source.includes(find)) {
    throw new Error(`The mutant "${mistake}" does not fit ${file} any more: look for ${find}`);
  }
  await mkdir(join(folder, "tests"));
  for (const linked of SOURCES) await linkUnless(file, linked, folder);
  await writeFile(join(folder, file), source.replaceAll(find, replace));
}

/** Links a file or a folder; a folder with the given file in it is created, and its entries linked. */
async function linkUnless(file: string, path: string, folder: string): Promise<void> {
  if (path === file) return;
  if (!file.startsWith(`${path}/`)) return await symlink(join(ROOT, path), join(folder, path));
  await mkdir(join(folder, path));
  for (const entry of await readdir(join(ROOT, path))) {
    await linkUnless(file, `${path}/${entry}`, folder);
  }
}
