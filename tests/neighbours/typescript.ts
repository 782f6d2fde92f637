/**
 * TypeScript projects that use the package: under `strict`, and with the declaration files of all
 * installed packages checked too.
 *
 * @module
 */

import { join } from "node:path";
import { ROOT } from "../../scripts/npm/deno_config.ts";
import { type Check, problemOf } from "./checks.ts";
import type { Setting } from "./setting.ts";
import { latestOf, versionsOf } from "./versions.ts";

/** Ways to compile, with the types of the web APIs from Node's types or from the library `dom`. */
const PROJECTS = [
  { moduleResolution: "nodenext", module: "nodenext", lib: ["es2023"], types: ["node"] },
  { moduleResolution: "nodenext", module: "nodenext", lib: ["es2022", "dom"], types: [] },
  { moduleResolution: "node16", module: "node16", lib: ["es2022", "dom"], types: [] },
  { moduleResolution: "bundler", module: "esnext", lib: ["es2022", "dom"], types: [] },
] as const;

/** Compiles an agent with each compiler in each way. */
export async function typescript(setting: Setting): Promise<Check[]> {
  const { installer, tarball } = setting;
  const compilers = versionsOf("typescript");
  const folder = await setting.folder();
  const specifiers = compilers.map(({ specifier }) => specifier);
  await installer.add(folder, [tarball, latestOf("@types/node"), ...specifiers]);
  const agent = await writeAgent(folder);
  const examples = await writeExamples(folder);
  return compilers.flatMap(({ alias, title }) =>
    PROJECTS.map((project): Check => {
      const { moduleResolution, types } = project;
      const withTypes = types.length > 0 ? "with the types of Node" : "without the types of Node";
      return {
        title:
          `An agent compiles with ${title}, moduleResolution ${moduleResolution}, ${withTypes}`,
        run: async () => {
          const config = join(folder, `${alias}_${PROJECTS.indexOf(project)}.json`);
          // The examples are programs for Node and import its modules.
          const files = types.length > 0 ? [agent, ...examples] : [agent];
          await Deno.writeTextFile(config, JSON.stringify(tsconfig(project, files)));
          const tsc = join("node_modules", alias, "bin", "tsc");
          return problemOf(await installer.node([tsc, "-p", config], { cwd: folder }));
        },
      };
    })
  );
}

async function writeAgent(folder: string): Promise<string> {
  const name = "consumer.ts";
  await Deno.copyFile(join(ROOT, "tests", "neighbours", name), join(folder, name));
  return name;
}

/**
 * Writes the examples of the package's README.
 *
 * @returns The names of the files.
 */
async function writeExamples(folder: string): Promise<string[]> {
  const readme = await Deno.readTextFile(join(ROOT, "npm", "README.md"));
  const examples = [...readme.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code = ""]) => code);
  const names: string[] = [];
  for (const [index, code] of examples.entries()) {
    const name = `example_${index}.ts`;
    await Deno.writeTextFile(join(folder, name), code);
    names.push(name);
  }
  return names;
}

function tsconfig(project: typeof PROJECTS[number], files: readonly string[]): object {
  const compilerOptions = {
    ...project,
    target: "es2022",
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: false,
    noEmit: true,
  };
  return { compilerOptions, files };
}
