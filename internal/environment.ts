/**
 * Reads environment variables without prompting the user for a permission.
 *
 * @module
 */

import { mayReadVariable } from "./permission_deno.ts";

/** Environment variables by name, as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads some variables. On Deno each variable needs a permission, and reading one that is not
 * granted fails or prompts: such a variable counts as not set.
 *
 * The global `process` is used because Deno loads it lazily: importing `node:process` would take a
 * third of a session's startup time.
 *
 * @param names The variables.
 */
export function readVariables(names: readonly string[]): Environment {
  const readable = "Deno" in globalThis ? names.filter(mayReadVariable) : names;
  return Object.fromEntries(readable.map((name) => [name, globalThis.process.env[name]]));
}
