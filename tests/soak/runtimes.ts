/**
 * The runtimes on which a soak can run: Deno with the sources, Node with the npm package.
 *
 * @module
 */

import { join } from "node:path";
import { run } from "../../scripts/npm/command.ts";
import { ROOT, VERSION } from "../../scripts/npm/deno_config.ts";
import { nodeRuntimes } from "../node/runtime.ts";
import { translate, writeSuite } from "../node/suite.ts";

const AGENT = "tests/soak/agent.ts";
const TARBALL = join(ROOT, "npm", "build", `acs-session-${VERSION}.tgz`);

/** A runtime, ready to run the process under test. */
export interface SoakRuntime {
  /** Its name and version, such as `Node 26.10.0`. */
  readonly name: string;
  /** How the process is started, without its arguments. */
  readonly command: string;
  /** The arguments before its own. */
  readonly args: readonly string[];
  /** Its working directory. */
  readonly cwd: string;
  /** Removes what was created for it. */
  dispose(): Promise<void>;
}

/** How Deno runs a program of the soak from the sources. */
export function denoArgs(program: string): string[] {
  return [
    "run",
    "--config",
    join(ROOT, "deno.dev.json"),
    "-A",
    "--no-check",
    "--quiet",
    "--v8-flags=--expose-gc",
    join(ROOT, program),
  ];
}

/**
 * Prepares runtimes.
 *
 * @param names `deno`, or `node` and a major version, such as `node26`.
 * @throws {Error} If there is no runtime of that name.
 */
export async function soakRuntimes(names: readonly string[]): Promise<SoakRuntime[]> {
  const runtimes: SoakRuntime[] = [];
  if (names.includes("deno")) runtimes.push(onDeno());
  const onNode = names.filter((name) => name !== "deno");
  if (onNode.length > 0) runtimes.push(...await onNodes(onNode));
  return runtimes;
}

function onDeno(): SoakRuntime {
  return {
    name: `Deno ${Deno.version.deno}`,
    command: Deno.execPath(),
    args: denoArgs(AGENT),
    cwd: ROOT,
    dispose: () => Promise.resolve(),
  };
}

async function onNodes(names: readonly string[]): Promise<SoakRuntime[]> {
  await run(Deno.execPath(), ["task", "build:npm"], { cwd: ROOT });
  const suite = await translate([AGENT]);
  const known = await nodeRuntimes();
  const runtimes: SoakRuntime[] = [];
  for (const name of names) {
    const node = known.find(({ major }) => name === `node${major}`);
    if (node === undefined) {
      const all = known.map(({ major }) => `node${major}`).join(", ");
      throw new Error(`There is no runtime ${name}; there are deno, ${all}`);
    }
    const folder = await node.install([TARBALL, ...suite.packages]);
    await writeSuite(suite, folder);
    runtimes.push({
      name: `Node ${node.version}`,
      command: node.binary,
      args: ["--expose-gc", AGENT.replace(/\.ts$/, ".js")],
      cwd: folder,
      dispose: () => Deno.remove(folder, { recursive: true }),
    });
  }
  return runtimes;
}
