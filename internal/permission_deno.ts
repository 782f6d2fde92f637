/**
 * Which permissions the process has on Deno.
 *
 * @module
 */

/**
 * Whether a variable of the environment may be read without a prompt.
 *
 * @param variable The variable's name.
 */
export function mayReadVariable(variable: string): boolean {
  return Deno.permissions.querySync({ name: "env", variable }).state === "granted";
}
