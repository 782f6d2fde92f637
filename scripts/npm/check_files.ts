/**
 * Checks which files are in the package, and that none of them reveals where it was built.
 *
 * @module
 */

import { homedir, tmpdir } from "node:os";

/** One file of the package. */
export interface PackageFile {
  /** Its path in the package, such as `session/lane.js`. */
  readonly path: string;
  /** Its text. */
  readonly text: string;
}

/** Everything that may be in the package. Tests, lock files, sources and maps are not. */
const ALLOWED = [
  /^(?:package\.json|README\.md|LICENSE|NOTICE|CHANGELOG\.md|bin\/acs\.js|joined(?:_base|_emulator|_node|_shared)?\.js|(?:mod|errors)(?:\.js|\.d\.ts))$/,
  /^(?:session|responders|wsclient|failures|protocol|internal|emulator|cli)\/(?:[a-z0-9_]+\/)*[a-z0-9_.]+(?:\.js|\.d\.ts)$/,
];

const TEST = /(?:^|[/_.])test\.[jt]s$/;

/**
 * Checks the paths in a tarball, each with `package/` in front.
 *
 * @returns The problems found.
 */
export function checkPaths(paths: readonly string[]): string[] {
  const problems: string[] = [];
  const seen = new Set<string>();
  for (const path of paths) {
    const inner = path.replace(/^package\//, "");
    if (seen.has(path)) problems.push(`${inner} is in the tarball twice`);
    seen.add(path);
    if (TEST.test(inner) || !ALLOWED.some((allowed) => allowed.test(inner))) {
      problems.push(`${inner} does not belong in the package`);
    }
  }
  return problems;
}

/** Checks that a finished tarball has the files that `deno pack` does not create. */
export function checkCompleted(paths: readonly string[]): string[] {
  return ["package.json", "README.md", "LICENSE", "NOTICE", "bin/acs.js"]
    .filter((needed) => !paths.includes(`package/${needed}`))
    .map((needed) => `${needed} is missing`);
}

/**
 * Looks for absolute paths of the machine that built the package.
 *
 * @param root The repository's folder.
 * @returns The problems found.
 */
export function checkLocalPaths(files: readonly PackageFile[], root: string): string[] {
  const local = [`${root}/`, `${homedir()}/`, `${tmpdir()}/`, "file:///", "/home/", "/Users/"];
  return files.flatMap(({ path, text }) =>
    local.filter((part) => text.includes(part)).map((part) =>
      `${path} contains a path of the machine that built it, ${part}…`
    )
  );
}
