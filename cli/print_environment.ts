/**
 * Prints the environment variables of an agent in the syntax of a shell.
 *
 * @module
 */

import process from "node:process";
import * as v from "@badrap/valita";
import { callControl, type SendFlags } from "./call_control.ts";
import { CommandFailure } from "./exit.ts";

/** The supported formats. */
export type ShellName = "sh" | "fish" | "powershell" | "dotenv";

/** The syntax of a format. */
interface Syntax {
  /** Sets a variable. */
  readonly set: (name: string, value: string) => string;
  /** Removes a variable. */
  readonly unset: (name: string) => string;
}

const SYNTAXES: Readonly<Record<ShellName, Syntax>> = {
  sh: {
    set: (name, value) => `export ${name}=${quoted(value, "'\\''")}`,
    unset: (name) => `unset ${name}`,
  },
  fish: {
    set: (name, value) => `set -gx ${name} ${quoted(value.replaceAll("\\", "\\\\"), "\\'")}`,
    unset: (name) => `set -e ${name}`,
  },
  powershell: {
    set: (name, value) => `$env:${name} = '${value.replaceAll("'", "''")}'`,
    unset: (name) => `Remove-Item Env:${name} -ErrorAction SilentlyContinue`,
  },
  // A file cannot unset variables. Some parsers, such as Docker's, treat quotes as part of the
  // value.
  dotenv: { set: (name, value) => `${name}=${value}`, unset: () => "" },
};

/** Checks names and values, since a shell executes the output: they must not contain commands. */
const isName = (text: string) => /^[A-Z][A-Z0-9_]*$/.test(text);
// deno-lint-ignore no-control-regex -- Control characters are what it rejects.
const isValue = (text: string) => !/[\u0000-\u001f\u007f]/.test(text);

const names = v.array(v.string().assert(isName));
const environment = v.object({
  variables: v.record(v.string().assert(isValue)).assert((all) => Object.keys(all).every(isName)),
  secret: names,
  unset: names,
});

/**
 * Prints the environment variables for a running emulator.
 *
 * @param shell The format.
 * @param flags The emulator's URL and token.
 * @throws {CommandFailure} If no emulator responds.
 */
export async function printEnvironment(shell: ShellName, flags: SendFlags): Promise<void> {
  const answer = await callControl("environment", flags, { query: {} });
  process.stdout.write(formatEnvironment(shell, answer));
}

/**
 * Formats the variables.
 *
 * @param shell The format.
 * @param answer The emulator's response.
 * @returns Lines.
 * @throws {CommandFailure} If the response is invalid.
 */
export function formatEnvironment(shell: ShellName, answer: unknown): string {
  const result = environment.try(answer);
  if (!result.ok) throw new CommandFailure("the response is not from an emulator of this version");
  const { variables, secret, unset } = result.value;
  const syntax = SYNTAXES[shell];
  const lines = [
    ...unset.filter((name) => !secret.includes(name)).map(syntax.unset),
    ...Object.entries(variables).map(([name, value]) => syntax.set(name, value)),
    ...secret.map((name) => `# Set ${name} yourself: secrets are not printed.`),
  ];
  return lines.filter((line) => line !== "").map((line) => `${line}\n`).join("");
}

/** Puts text in single quotes. */
function quoted(text: string, quote: string): string {
  return /^[\w.:/@+-]+$/.test(text) ? text : `'${text.replaceAll("'", () => quote)}'`;
}
