/**
 * Reads the argument of a process that only has a session. `node:process` is not imported, since it
 * takes more memory on Deno than a session.
 *
 * @module
 */

/** The load generator's URL. */
export function urlArgument(): string {
  const [url = ""] = "Deno" in globalThis ? Deno.args : globalThis.process.argv.slice(2);
  return url;
}
