/**
 * TypeScript projects that use the package: under `strict`, with the declaration files of all that
 * is installed checked too.
 *
 * @module
 */

import { join } from "node:path";
import { pinnedVersions, ROOT } from "../../scripts/npm/deno_config.ts";
import type { NodeRuntime } from "./runtime.ts";
import type { Tally } from "./tally.ts";

/** The newest compiler, and an older one that many projects still have. */
const COMPILERS = ["7.0.2", pinnedVersions().get("typescript") ?? ""];

/** The oldest of the runtimes that are supported. */
const NODE_TYPES = "@types/node@22.20.5";

/** As a Node program is compiled, and as one that is bundled, with the types of browsers around. */
const PROJECTS = [
  { moduleResolution: "nodenext", module: "nodenext", lib: ["es2023"] },
  { moduleResolution: "bundler", module: "esnext", lib: ["es2023", "dom"] },
];

/** Compiles the consumer with each compiler and each way to find modules. */
export async function checkConsumers(
  runtime: NodeRuntime,
  tarball: string,
  tally: Tally,
): Promise<void> {
  for (const version of COMPILERS) {
    const folder = await runtime.install([tarball, NODE_TYPES, `typescript@${version}`]);
    try {
      const files = await writeConsumers(folder);
      for (const project of PROJECTS) {
        const problem = await compile(runtime, folder, { ...project, files });
        tally.check(`TypeScript ${version}, ${project.moduleResolution}`, problem);
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  }
}

/**
 * Writes an agent, and the examples of the package's README.
 *
 * @returns The names of the files.
 */
async function writeConsumers(folder: string): Promise<string[]> {
  const agent = await Deno.readTextFile(join(ROOT, "tests", "node", "consumer", "consumer.ts"));
  const readme = await Deno.readTextFile(join(ROOT, "npm", "README.md"));
  const examples = [...readme.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code = ""]) => code);
  const names: string[] = [];
  for (const [index, code] of [agent, ...examples].entries()) {
    const name = `consumer_${index}.ts`;
    await Deno.writeTextFile(join(folder, name), code);
    names.push(name);
  }
  return names;
}

async function compile(
  runtime: NodeRuntime,
  folder: string,
  { files, ...project }: Readonly<Record<string, string | string[]>>,
): Promise<string | undefined> {
  const compilerOptions = {
    ...project,
    target: "es2023",
    types: ["node"],
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: false,
    noEmit: true,
  };
  const config = { compilerOptions, files };
  await Deno.writeTextFile(join(folder, "tsconfig.json"), JSON.stringify(config));
  const { code, stdout, stderr } = await runtime.node(
    [join("node_modules", "typescript", "bin", "tsc"), "-p", "."],
    { cwd: folder },
  );
  return code === 0 ? undefined : stdout + stderr;
}
