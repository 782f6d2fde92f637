/**
 * The permissions of the process on Deno.
 *
 * @module
 */

/**
 * Whether an environment variable may be read without a prompt.
 *
 * @param variable The variable's name.
 */
export function mayReadVariable(variable: string): boolean {
  return Deno.permissions.querySync({ name: "env", variable }).state === "granted";
}
