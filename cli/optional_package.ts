/**
 * Packages that only one flag or command needs, and that are not installed with this one.
 *
 * @module
 */

import { safeGet, safeText } from "../internal/safe_get.ts";
import { CommandFailure, EXIT_USAGE } from "./exit.ts";

/** A package is not installed. */
export class MissingPackageError extends CommandFailure {
  /** Always `"MissingPackageError"`. */
  override readonly name = "MissingPackageError";

  /**
   * @param wanted The package.
   * @param options The cause.
   */
  constructor({ name, neededFor, install = name }: OptionalPackage, options: ErrorOptions = {}) {
    const add = "Deno" in globalThis
      ? `deno add ${install.replace(/(?=@)/g, "npm:")}`
      : `npm install ${install}`;
    super(`${neededFor} needs ${name}, which is not installed: ${add}`, EXIT_USAGE, options);
  }
}

/** A package that may be missing. */
export interface OptionalPackage {
  /** Its name. */
  readonly name: string;
  /** The versions that package.json allows, for Deno when no import map names the package. */
  readonly versions: string;
  /** The feature that needs it, such as `acs run`; the subject of the error message. */
  readonly neededFor: string;
  /** The packages to install, separated by spaces. Default: the package alone. */
  readonly install?: string;
}

/**
 * Imports a package by a specifier that is not a literal: for a literal one, Deno downloads the
 * package and its dependencies before it runs any command.
 *
 * @param wanted The package.
 * @returns The module.
 * @throws {MissingPackageError} If the package is not installed.
 */
export async function importOptional(wanted: OptionalPackage): Promise<unknown> {
  const { name, versions } = wanted;
  try {
    return await import(name);
  } catch (cause) {
    if (!isMissingPackage(cause, name)) throw cause;
    if (!("Deno" in globalThis)) throw new MissingPackageError(wanted, { cause });
    const specifier = `npm:${name}@${versions}`;
    // Fails in a package installed by npm: Deno does not accept such a specifier there.
    return await import(specifier).catch((error: unknown) => {
      throw new MissingPackageError(wanted, { cause: error });
    });
  }
}

/** The codes of Node and Deno, and of Yarn's Plug'n'Play. */
const NOT_FOUND_CODES: ReadonlySet<unknown> = new Set(["ERR_MODULE_NOT_FOUND", "MODULE_NOT_FOUND"]);

/**
 * Whether the error from an `import()` says that the package itself is not installed, rather than
 * one of its dependencies.
 *
 * @param error What `import()` threw.
 * @param name The package's name.
 */
export function isMissingPackage(error: unknown, name: string): boolean {
  // Messages name the missing package first, then the importing module.
  const namesPackage = new RegExp(
    `(?:find|access|import)(?: package| module)? ["']?${name}\\b`,
    "i",
  );
  return NOT_FOUND_CODES.has(safeGet(error, "code")) &&
    namesPackage.test(safeText(error, "message") ?? "");
}
