/**
 * What the build reads from deno.json.
 *
 * @module
 */

import config from "../../deno.json" with { type: "json" };

/** The repository's folder, without a slash at its end. */
export const ROOT: string = new URL("../..", import.meta.url).pathname.replace(/\/$/, "");

/** The package's name. */
export const NAME: string = config.name;

/** The package's version. */
export const VERSION: string = config.version;

/** The source file of each export, by its name in `exports`. */
export const EXPORTS: Readonly<Record<string, string>> = config.exports;

/**
 * The version of each npm package in `imports`, by the name it is imported by.
 *
 * @throws {Error} If an import is no npm package with a version: it would not reach the tarball.
 */
export function pinnedVersions(): ReadonlyMap<string, string> {
  const versions = new Map<string, string>();
  for (const [name, specifier] of Object.entries(config.imports)) {
    const version = /^npm:((?:@[^/]+\/)?[^@/]+)@(\d[^/]*)$/.exec(specifier);
    if (version?.[1] !== name || version[2] === undefined) {
      throw new Error(`the import ${name} of deno.json must be npm:${name}@<version>`);
    }
    versions.set(name, version[2]);
  }
  return versions;
}
