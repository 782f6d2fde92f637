/**
 * Checks the package with other tools: publint and "Are the types wrong?".
 *
 * @module
 */

import { join } from "node:path";
import type { NodeRuntime } from "./runtime.ts";
import type { Tally } from "./tally.ts";

const PUBLINT = "publint@0.3.25";
const ARE_THE_TYPES_WRONG = "@arethetypeswrong/cli@0.18.5";

/** Runs both on a tarball. */
export async function lintPackage(
  runtime: NodeRuntime,
  tarball: string,
  tally: Tally,
): Promise<void> {
  const folder = await runtime.install([PUBLINT, ARE_THE_TYPES_WRONG]);
  const tool = async (...args: string[]) => {
    const [name = "", ...rest] = args;
    const command = join("node_modules", ".bin", name);
    const { code, stdout, stderr } = await runtime.node([command, ...rest], { cwd: folder });
    return code === 0 ? undefined : stdout + stderr;
  };
  try {
    tally.check(PUBLINT, await tool("publint", "--strict", tarball));
    const profile = ["--profile", "esm-only"];
    tally.check(ARE_THE_TYPES_WRONG, await tool("attw", tarball, ...profile));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
