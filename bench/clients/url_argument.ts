/**
 * The argument of a process that has nothing but its session. `node:process` is not imported: on
 * Deno it weighs more than a session.
 *
 * @module
 */

/** The load generator's URL. */
export function urlArgument(): string {
  const [url = ""] = "Deno" in globalThis ? Deno.args : globalThis.process.argv.slice(2);
  return url;
}
