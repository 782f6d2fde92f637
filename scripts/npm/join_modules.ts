/**
 * Joins modules that are loaded together into one file, since Node needs about 0.3 ms for each file
 * that it loads: the session, the emulator, the modules that the command needs before it prints,
 * and those that the native transport loads when it first connects. Each module's own file is kept,
 * but only re-exports its part of a joined file, so that declaration files and imports of single
 * modules still work.
 *
 * @module
 */

import { join } from "node:path";
import { rollup, type RollupBuild } from "rollup";

/** The joined files. Each contains the imports of a module, except for those in earlier files. */
const JOINED_FILES: ReadonlyMap<string, string> = new Map([
  ["joined.js", "mod.js"],
  ["joined_node.js", "wsclient/transports/native_node.js"],
  ["joined_emulator.js", "emulator/acs_emulator.js"],
]);

/**
 * Files for modules that are shared with another entry point: the command before it prints, and the
 * emulator. Without these files, both entry points would load the whole session first.
 */
const SHARED_FILES: ReadonlyMap<string, string> = new Map([
  ["joined_base.js", "cli/mod.js"],
  ["joined_shared.js", "emulator/acs_emulator.js"],
]);

/**
 * Joins the modules.
 *
 * @param folder The unpacked package.
 * @param paths Its JavaScript files, except for the command.
 * @returns The number of modules in each joined file.
 * @throws {Error} If one of them imports a file that does not exist.
 */
export async function joinModules(
  folder: string,
  paths: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const bundle = await rollup({
    input: Object.fromEntries(paths.map((path) => [withoutExtension(path), join(folder, path)])),
    external: (specifier) => !/^[./]/.test(specifier),
    preserveEntrySignatures: "strict",
    treeshake: false,
    onwarn: (warning) => {
      throw new Error(warning.message);
    },
  });
  const fileOf = joinedFiles((entry) => importedBy(join(folder, entry), bundle));
  await bundle.write({
    dir: folder,
    entryFileNames: "[name].js",
    chunkFileNames: "[name].js",
    manualChunks: (id) => withoutExtension(fileOf.get(id) ?? "") || undefined,
    minifyInternalExports: false,
    hoistTransitiveImports: false,
  });
  await bundle.close();
  const counts = new Map<string, number>();
  for (const file of fileOf.values()) counts.set(file, (counts.get(file) ?? 0) + 1);
  return counts;
}

/** Assigns modules to joined files. */
function joinedFiles(
  importedBy: (entry: string) => ReadonlySet<string>,
): ReadonlyMap<string, string> {
  const shared = [...SHARED_FILES].map(([file, entry]) => ({ file, ids: importedBy(entry) }));
  const fileOf = new Map<string, string>();
  for (const [file, entry] of JOINED_FILES) {
    const others = shared.filter((one) => SHARED_FILES.get(one.file) !== entry);
    for (const id of importedBy(entry)) {
      if (!fileOf.has(id)) fileOf.set(id, others.find(({ ids }) => ids.has(id))?.file ?? file);
    }
  }
  return fileOf;
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
