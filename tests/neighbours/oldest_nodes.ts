/**
 * The oldest Node of each release line that package.json allows.
 *
 * @module
 */

import type { NodeRuntime } from "../node/runtime.ts";
import { type Check, problemOf } from "./checks.ts";
import { onNode, program, writePrograms } from "./program_runtime.ts";
import type { Setting } from "./setting.ts";

/** Installs the package with each; npm refuses versions that package.json does not allow. */
export function oldestNodes(setting: Setting): Promise<Check[]> {
  const checks = setting.oldest.map((runtime): Check => ({
    title:
      `Node ${runtime.version}: the package is installed, imported, connects, and acknowledges`,
    run: () => installAndRun(runtime, setting),
  }));
  return Promise.resolve(checks);
}

async function installAndRun(
  runtime: NodeRuntime,
  setting: Setting,
): Promise<string | undefined> {
  const folder = await setting.folder();
  await runtime.add(folder, [setting.tarball]);
  await writePrograms(folder);
  return problemOf(await onNode(runtime).run([program("agent")], { cwd: folder }));
}
