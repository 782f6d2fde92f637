/**
 * The settings that the build reads from deno.json, deno.dev.json and deno.dev.lock.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import config from "../../deno.json" with { type: "json" };
import devConfig from "../../deno.dev.json" with { type: "json" };

/** The repository's folder, without a slash at its end. */
export const ROOT: string = new URL("../..", import.meta.url).pathname.replace(/\/$/, "");

/** The package's name. */
export const NAME: string = config.name;

/** The package's version. */
export const VERSION: string = config.version;

/** The source file of each export, by its name in `exports`. */
export const EXPORTS: Readonly<Record<string, string>> = config.exports;

/** The part of deno.dev.lock that is used here. */
interface Lock {
  /** The version of each specifier, such as `npm:ws@^8.23.0`. */
  readonly specifiers: Readonly<Record<string, string>>;
}

/**
 * The version of each npm package in `imports`, by the name under which it is imported: the one
 * that deno.dev.lock has chosen within the range in deno.dev.json.
 *
 * @throws {Error} If an import is not an npm package with a version, so that it would not reach the
 * tarball, or if deno.dev.lock has no version for it.
 */
export function pinnedVersions(): ReadonlyMap<string, string> {
  const lock: Lock = JSON.parse(readFileSync(join(ROOT, "deno.dev.lock"), "utf8"));
  const locked = new Map(
    Object.entries(lock.specifiers).map(([specifier, version]) => [
      nameOf(specifier),
      // After an underscore, the lock file lists the peers with which a package was resolved.
      version.replace(/_.*$/, ""),
    ]),
  );
  const versions = new Map<string, string>();
  for (const [name, specifier] of Object.entries(devConfig.imports)) {
    if (specifier.startsWith("./")) continue;
    if (nameOf(specifier) !== name) {
      throw new Error(`the import ${name} of deno.dev.json must be npm:${name}@<version>`);
    }
    const version = locked.get(name);
    if (version === undefined) throw new Error(`deno.dev.lock has no version of ${name}`);
    versions.set(name, version);
  }
  return versions;
}

/** The package's name in a specifier such as `npm:ws@^8.23.0`. */
function nameOf(specifier: string): string | undefined {
  return /^npm:((?:@[^/]+\/)?[^@/]+)@[\^~]?\d[^/]*$/.exec(specifier)?.[1];
}
