/**
 * Joins the modules of the session into two files, since Node needs about a third of a millisecond
 * for each file that it loads. Every module stays in its place, as a line that re-exports its part
 * of such a file: declaration files and imports of a single module work as before.
 *
 * @module
 */

import { join } from "node:path";
import { rollup, type RollupBuild } from "rollup";

/** The file for most modules. */
export const JOINED_FILE = "joined.js";

/**
 * The file for those that the command needs, too, before it has printed anything: without it, each
 * command would begin by loading the whole session.
 */
export const JOINED_BASE_FILE = "joined_base.js";

/**
 * Joins what `mod.js` imports.
 *
 * @param folder The unpacked package.
 * @param paths Its JavaScript files, except for the command.
 * @returns The number of joined modules.
 * @throws {Error} If one of them imports a file that does not exist.
 */
export async function joinModules(folder: string, paths: readonly string[]): Promise<number> {
  const bundle = await rollup({
    input: Object.fromEntries(paths.map((path) => [withoutExtension(path), join(folder, path)])),
    external: (specifier) => !/^[./]/.test(specifier),
    preserveEntrySignatures: "strict",
    treeshake: false,
    onwarn: (warning) => {
      throw new Error(warning.message);
    },
  });
  const joined = importedBy(join(folder, "mod.js"), bundle);
  const first = importedBy(join(folder, "cli", "mod.js"), bundle);
  const fileOf = (id: string) => first.has(id) ? JOINED_BASE_FILE : JOINED_FILE;
  await bundle.write({
    dir: folder,
    entryFileNames: "[name].js",
    chunkFileNames: "[name].js",
    manualChunks: (id) => joined.has(id) ? withoutExtension(fileOf(id)) : undefined,
    minifyInternalExports: false,
    hoistTransitiveImports: false,
  });
  await bundle.close();
  return joined.size;
}

/** The modules that are loaded with a module, including itself. */
function importedBy(entry: string, { cache }: RollupBuild): ReadonlySet<string> {
  const imports = new Map(cache?.modules.map(({ id, dependencies }) => [id, dependencies]));
  const found = new Set<string>();
  const queue = [entry];
  for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
    const dependencies = imports.get(id);
    if (dependencies === undefined || found.has(id)) continue;
    found.add(id);
    queue.push(...dependencies);
  }
  return found;
}

function withoutExtension(path: string): string {
  return path.replace(/\.js$/, "");
}
