/**
 * What an installation of the package leaves on the disk, and whether it would run anything.
 *
 * @module
 */

import { join } from "node:path";
import { NPM_ENV, run } from "./command.ts";
import { inBytes } from "./output.ts";

/** Our own files, unpacked, in bytes. They were 0.7 MB when this was set (November 2026). */
const OWN_SIZE_LIMIT_BYTES = 1_500_000;

/** How many packages may be installed with ours. */
const DEPENDENCY_LIMIT = 6;

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

/**
 * Checks what an installation brings. How large the other packages are is for their authors to
 * decide: a release of theirs must not fail our build, so only their number is limited.
 *
 * @param packages What was installed.
 * @param own The name of our package.
 * @returns What is wrong.
 */
export function checkInstalledPackages(
  packages: readonly InstalledPackage[],
  own: string,
): string[] {
  const problems = packages.filter(({ hasInstallScript }) => hasInstallScript)
    .map(({ name }) => `${name} runs a script when it is installed`);
  const ownBytes = packages.find(({ name }) => name === own)?.bytes ?? 0;
  if (ownBytes > OWN_SIZE_LIMIT_BYTES) {
    problems.push(`${own} is larger than ${inBytes(OWN_SIZE_LIMIT_BYTES)}`);
  }
  const others = packages.map(({ name }) => name).filter((name) => name !== own);
  if (others.length > DEPENDENCY_LIMIT) {
    problems.push(
      `${others.length} packages are installed with ${own}, more than ${DEPENDENCY_LIMIT}: ` +
        others.join(", "),
    );
  }
  return problems;
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
    // npm's own notes on what it installed, and the links to commands.
    if (path === "" && entry.name.startsWith(".")) continue;
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
