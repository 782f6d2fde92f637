/**
 * The runtimes that run the programs with neighbours: each Node, and Deno.
 *
 * @module
 */

import { join } from "node:path";
import { type CommandOptions, type CommandResult, execute } from "../../scripts/npm/command.ts";
import type { NodeRuntime } from "../node/runtime.ts";
import { translate, writeSuite } from "../node/suite.ts";

/** The programs are here, and at the same path in each folder in which they are installed. */
const PROGRAMS = join("tests", "neighbours", "programs");

/** A program that has not ended by then hangs, like a session that never connects; in ms. */
const TIMEOUT_MS = 60_000;

/** A runtime. */
export interface ProgramRuntime {
  /** Its name and version, such as `Node 24.21.0`. */
  readonly name: string;
  /** Runs a script. */
  run(args: readonly string[], options: CommandOptions): Promise<CommandResult>;
}

/** Node. */
export function onNode(runtime: NodeRuntime): ProgramRuntime {
  return {
    name: `Node ${runtime.version}`,
    run: (args, options) => runtime.node(args, limited(options)),
  };
}

/** The Deno that runs this process. */
export const DENO: ProgramRuntime = {
  name: `Deno ${Deno.version.deno}`,
  // The folders contain packages installed by npm, and no lock file for Deno.
  run: (args, options) =>
    execute(Deno.execPath(), ["run", "-A", "--quiet", "--no-lock", ...args], limited(options)),
};

function limited(options: CommandOptions): CommandOptions {
  return { ...options, signal: AbortSignal.timeout(TIMEOUT_MS) };
}

/** The path of a program within each folder that contains them. */
export function program(name: string): string {
  return join(PROGRAMS, `${name}.js`);
}

/** Writes all programs into a folder that has the package installed. */
export async function writePrograms(folder: string): Promise<void> {
  const paths: string[] = [];
  for await (const { name } of Deno.readDir(PROGRAMS)) paths.push(join(PROGRAMS, name));
  await writeSuite(await translate(paths), folder);
}
