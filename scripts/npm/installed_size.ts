/**
 * What an installation of the package leaves on the disk, and whether it would run anything.
 *
 * @module
 */

import { join } from "node:path";
import { NPM_ENV, run } from "./command.ts";

/** One installed package. */
export interface InstalledPackage {
  /** Its name. */
  readonly name: string;
  /** The sum of its files' lengths, in bytes. */
  readonly bytes: number;
  /** Whether npm runs a script of it when it is installed. */
  readonly hasInstallScript: boolean;
}

/**
 * Installs a tarball into an empty folder, without optional peers.
 *
 * @returns All packages that are there afterwards, the largest first.
 */
export async function installedPackages(tarball: string): Promise<InstalledPackage[]> {
  const folder = await Deno.makeTempDir({ prefix: "acs-size-" });
  try {
    await Deno.writeTextFile(join(folder, "package.json"), '{ "private": true }');
    await run("npm", ["install", tarball], { cwd: folder, env: NPM_ENV });
    const sizes = new Map<string, number>();
    await addSizes(join(folder, "node_modules"), "", sizes);
    const scripts = await withInstallScripts(folder);
    return [...sizes]
      .map(([name, bytes]) => ({ name, bytes, hasInstallScript: scripts.has(name) }))
      .sort((a, b) => b.bytes - a.bytes);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** As much of npm's own list of what it has installed as is needed here. */
interface InstalledLock {
  readonly packages: Readonly<Record<string, { readonly hasInstallScript?: boolean }>>;
}

async function withInstallScripts(folder: string): Promise<Set<string>> {
  const text = await Deno.readTextFile(join(folder, "node_modules", ".package-lock.json"));
  const { packages }: InstalledLock = JSON.parse(text);
  const found = Object.entries(packages).filter(([, { hasInstallScript }]) => hasInstallScript);
  return new Set(found.map(([path]) => path.replace(/^.*node_modules\//, "")));
}

async function addSizes(folder: string, path: string, sizes: Map<string, number>): Promise<void> {
  for await (const entry of Deno.readDir(folder)) {
    const inner = `${path}${entry.name}`;
    if (entry.isDirectory) {
      await addSizes(join(folder, entry.name), `${inner}/`, sizes);
      continue;
    }
    const name = /^(?:@[^/]+\/)?[^/]+/.exec(inner)?.[0] ?? inner;
    const { size } = await Deno.lstat(join(folder, entry.name));
    sizes.set(name, (sizes.get(name) ?? 0) + size);
  }
}
