/**
 * The package.json of the npm package: the one that `deno pack` wrote, completed.
 *
 * @module
 */

import fields from "../../npm/package_fields.json" with { type: "json" };
import { execute } from "./command.ts";

/** The part of a package.json that the build uses. */
export interface PackageJson {
  /** The package's name. */
  readonly name: string;
  /** The package's version. */
  readonly version: string;
  /** The files of each export. */
  readonly exports: Readonly<Record<string, ExportedFiles>>;
  /** The version ranges of the packages it needs. */
  readonly dependencies: Readonly<Record<string, string>>;
  /** The version ranges of the packages that the user may provide. */
  readonly peerDependencies: Readonly<Record<string, string>>;
  /** Files that have side effects when they are imported. */
  readonly sideEffects: readonly string[];
}

/** The files of one export. */
export interface ExportedFiles {
  /** The declaration file. */
  readonly types?: string;
  /** The module. */
  readonly import: string;
}

/**
 * Completes the package.json that `deno pack` wrote.
 *
 * @param packed Its content.
 * @param repository See {@linkcode publicRepository}.
 */
export function completePackageJson(
  packed: PackageJson,
  repository: string | undefined,
): PackageJson {
  const peers = new Set(Object.keys(fields.peerDependencies));
  const dependencies = Object.fromEntries(
    Object.entries(packed.dependencies)
      .filter(([name]) => !peers.has(name)),
  );
  return {
    ...packed,
    ...fields,
    ...(repository !== undefined && { repository: { type: "git", url: repository } }),
    dependencies,
  };
}

/**
 * The URL for `repository`, from the git remote `origin`. The project's public location is not
 * stored anywhere else, so that a fork's package does not point to another repository.
 *
 * @returns `undefined` if there is no such remote or it is not on a public host.
 */
export async function publicRepository(): Promise<string | undefined> {
  const { stdout } = await execute("git", ["remote", "get-url", "origin"]);
  const match = /^(?:https:\/\/|(?:ssh:\/\/)?git@)([\w.-]+\.\w+)[:/]([\w./-]+?)(?:\.git)?\s*$/
    .exec(stdout);
  return match ? `git+https://${match[1]}/${match[2]}.git` : undefined;
}
