/**
 * Measures how much disk space an installation of the package uses, and checks whether it would run
 * any scripts.
 *
 * @module
 */

import { join } from "node:path";
import { NPM_ENV, run } from "./command.ts";
import { inBytes } from "./output.ts";

/**
 * Maximum size of our own files, unpacked, in bytes. When it was set (November 2026), they took 1.6
 * MB: the emulator 0.7 MB, the command 0.3 MB.
 */
const OWN_SIZE_LIMIT_BYTES = 2_000_000;

/** The maximum number of packages installed together with ours. */
const DEPENDENCY_LIMIT = 6;

/** One installed package. */
export interface InstalledPackage {
  /** Its name. */
  readonly name: string;
  /** The sum of its files' lengths, in bytes. */
  readonly bytes: number;
  /** Whether npm runs one of its scripts during installation. */
  readonly hasInstallScript: boolean;
}

/**
 * Installs a tarball into an empty folder, without optional peers.
 *
 * @returns All installed packages, the largest first.
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
 * Checks what an installation adds. The size of the other packages is up to their authors: a
 * release of theirs must not fail our build, so only their number is limited.
 *
 * @param packages The installed packages.
 * @param own The name of our package.
 * @returns The problems found.
 */
export function checkInstalledPackages(
  packages: readonly InstalledPackage[],
  own: string,
): string[] {
  const problems = packages.filter(({ hasInstallScript }) => hasInstallScript)
    .map(({ name }) => `${name} runs a script during installation`);
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

/** The part of npm's own list of installed packages that is used here. */
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
    // npm's own record of the installation, and the links to commands.
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
