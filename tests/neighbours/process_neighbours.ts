/**
 * Packages in the same process: other versions of undici and of LogTape, and another copy of ours.
 *
 * @module
 */

import { join } from "node:path";
import { NAME } from "../../scripts/npm/deno_config.ts";
import { run } from "../../scripts/npm/command.ts";
import { type Check, problemOf } from "./checks.ts";
import { program, writePrograms } from "./program_runtime.ts";
import type { Setting } from "./setting.ts";
import { versionsOf } from "./versions.ts";

/** The name under which the other copy is imported. */
const COPY = `${NAME}-copy`;

/**
 * What an application does with undici, the text for the title, and the first version that supports
 * it.
 */
const UNDICI_USES = [
  ["before", "loaded before it", 5],
  ["after", "loaded for the first time once it is connected", 5],
  ["agent", "whose Agent is the global dispatcher", 5],
  ["install", "instead of the runtime's fetch and WebSocket", 7],
] as const;

/** Undici and LogTape, in one folder with a name for each version, and the other copy of ours. */
export async function processNeighbours(setting: Setting): Promise<Check[]> {
  const { installer, tarball, runtimes } = setting;
  const undici = versionsOf("undici");
  const logtape = versionsOf("@logtape/logtape");
  const folder = await setting.folder();
  const specifiers = [...undici, ...logtape].map(({ specifier }) => specifier);
  await installer.add(folder, [tarball, ...specifiers]);
  await copyPackage(folder);
  await writePrograms(folder);

  const checks: Check[] = [];
  for (const runtime of runtimes) {
    const check = (title: string, name: string, ...args: string[]) =>
      checks.push({
        title: `${runtime.name}: ${title}`,
        run: async () => problemOf(await runtime.run([program(name), ...args], { cwd: folder })),
      });
    check(
      "a session with the transport of another copy of the package connects, acknowledges, and " +
        "waits for an hour when its instance is inactive",
      "two_copies",
      COPY,
    );
    for (const [use, words, since] of UNDICI_USES) {
      for (const { alias, title, major } of undici) {
        if (major < since) continue;
        check(`a session connects and acknowledges with ${title} ${words}`, "undici", alias, use);
      }
    }
    for (const { alias, title } of logtape) {
      const words = `a session logs to ${title}, which the application has loaded`;
      check(`${words} first`, "logtape", alias, "before");
      check(`${words} later`, "logtape", alias, "after");
    }
  }
  return checks;
}

/** As another package that depends on ours brings it, when the versions differ. */
async function copyPackage(folder: string): Promise<void> {
  const modules = join(folder, "node_modules");
  await run("cp", ["-R", join(modules, NAME), join(modules, COPY)]);
}
