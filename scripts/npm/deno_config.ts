/**
 * What the build reads from deno.json and deno.lock.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import config from "../../deno.json" with { type: "json" };

/** The repository's folder, without a slash at its end. */
export const ROOT: string = new URL("../..", import.meta.url).pathname.replace(/\/$/, "");

/** The package's name. */
export const NAME: string = config.name;

/** The package's version. */
export const VERSION: string = config.version;

/** The source file of each export, by its name in `exports`. */
export const EXPORTS: Readonly<Record<string, string>> = config.exports;

/** As much of deno.lock as is read here. */
interface Lock {
  /** The version of each specifier, such as `npm:ws@^8.23.0`. */
  readonly specifiers: Readonly<Record<string, string>>;
}

/**
 * The version of each npm package in `imports`, by the name it is imported by: the one that deno.lock
 * has settled on within the range that deno.json allows.
 *
 * @throws {Error} If an import is not an npm package with a version, which would not reach the
 * tarball, or if deno.lock has no version for it.
 */
export function pinnedVersions(): ReadonlyMap<string, string> {
  const lock: Lock = JSON.parse(readFileSync(join(ROOT, "deno.lock"), "utf8"));
  const locked = new Map(
    Object.entries(lock.specifiers).map(([specifier, version]) => [
      nameOf(specifier),
      // Behind an underscore, the lock file has the peers that a package was resolved with.
      version.replace(/_.*$/, ""),
    ]),
  );
  const versions = new Map<string, string>();
  for (const [name, specifier] of Object.entries(config.imports)) {
    if (nameOf(specifier) !== name) {
      throw new Error(`the import ${name} of deno.json must be npm:${name}@<version>`);
    }
    const version = locked.get(name);
    if (version === undefined) throw new Error(`deno.lock has no version of ${name}`);
    versions.set(name, version);
  }
  return versions;
}

/** The package's name in a specifier such as `npm:ws@^8.23.0`. */
function nameOf(specifier: string): string | undefined {
  return /^npm:((?:@[^/]+\/)?[^@/]+)@[\^~]?\d[^/]*$/.exec(specifier)?.[1];
}
