/**
 * All families of neighbours.
 *
 * @module
 */

import { OLDEST_NODES } from "../node/node_versions.ts";
import { nodeRuntimes } from "../node/runtime.ts";
import type { Tally } from "../node/tally.ts";
import { bundles } from "./bundles.ts";
import { type Check, runChecks } from "./checks.ts";
import { examples } from "./examples.ts";
import { oldestNodes } from "./oldest_nodes.ts";
import { opentelemetry } from "./opentelemetry.ts";
import { packageManagers } from "./package_managers.ts";
import { processNeighbours } from "./process_neighbours.ts";
import { DENO, onNode } from "./program_runtime.ts";
import type { Family } from "./setting.ts";
import { typescript } from "./typescript.ts";

/** The families, by the name that `deno task test:neighbours` accepts. */
export const FAMILIES: Readonly<Record<string, Family>> = {
  process: processNeighbours,
  opentelemetry,
  bundles,
  examples,
  managers: packageManagers,
  typescript,
  oldest: oldestNodes,
};

/**
 * Installs all neighbours and checks the package with them.
 *
 * @param tarball The path of the packed package.
 * @param tally Counts the passed and the failed checks.
 * @param families The families to check. Default: all.
 */
export async function checkNeighbours(
  tarball: string,
  tally: Tally,
  families: readonly Family[] = Object.values(FAMILIES),
): Promise<void> {
  const folders: string[] = [];
  const newest = await nodeRuntimes();
  const installer = newest.at(-1);
  if (installer === undefined) throw new Error("there is no Node runtime");
  const nodes = newest.map(onNode);
  const setting = {
    tarball,
    installer,
    nodes,
    runtimes: [...nodes, DENO],
    oldest: await nodeRuntimes(OLDEST_NODES),
    folder: async () => {
      const folder = await installer.install([]);
      folders.push(folder);
      return folder;
    },
  };
  try {
    // Installing waits for the network, so all families do it at the same time.
    const prepared = await Promise.all(families.map((family) => family(setting)));
    const checks: Check[] = prepared.flat();
    await runChecks(checks, tally);
  } finally {
    await Promise.all(folders.map((folder) => Deno.remove(folder, { recursive: true })));
  }
}
