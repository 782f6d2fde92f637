/**
 * Prints the variables of an agent, in the language of a shell.
 *
 * @module
 */

import process from "node:process";
import * as v from "@badrap/valita";
import { callControl, type SendFlags } from "./call_control.ts";
import { CommandFailure } from "./exit.ts";

/** The languages in which variables can be printed. */
export type ShellName = "sh" | "fish" | "powershell" | "dotenv";

/** How a language writes what is needed here. */
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
  // A file only adds variables, and quotes would be part of the value for some of its readers.
  dotenv: { set: (name, value) => `${name}=${value}`, unset: () => "" },
};

/** A shell executes what is printed: names and values must not contain other commands. */
const isName = (text: string) => /^[A-Z][A-Z0-9_]*$/.test(text);
// deno-lint-ignore no-control-regex -- These are the characters that must not be there.
const isValue = (text: string) => !/[\u0000-\u001f\u007f]/.test(text);

const names = v.array(v.string().assert(isName));
const environment = v.object({
  variables: v.record(v.string().assert(isValue)).assert((all) => Object.keys(all).every(isName)),
  secret: names,
  unset: names,
});

/**
 * Prints the variables of a running emulator.
 *
 * @param shell The language.
 * @param flags Where the emulator is.
 * @throws {CommandFailure} If no emulator answers.
 */
export async function printEnvironment(shell: ShellName, flags: SendFlags): Promise<void> {
  const answer = await callControl("environment", flags, { query: {} });
  process.stdout.write(formatEnvironment(shell, answer));
}

/**
 * Formats the variables.
 *
 * @param shell The language.
 * @param answer What the emulator has returned.
 * @returns Lines.
 * @throws {CommandFailure} If it is not what an emulator returns.
 */
export function formatEnvironment(shell: ShellName, answer: unknown): string {
  const result = environment.try(answer);
  if (!result.ok) throw new CommandFailure("the answer is not what an emulator returns");
  const { variables, secret, unset } = result.value;
  const syntax = SYNTAXES[shell];
  const lines = [
    ...unset.filter((name) => !secret.includes(name)).map(syntax.unset),
    ...Object.entries(variables).map(([name, value]) => syntax.set(name, value)),
    ...secret.map((name) => `# Set ${name} yourself: it is not shown, since it is a secret.`),
  ];
  return lines.filter((line) => line !== "").map((line) => `${line}\n`).join("");
}

/** In single quotes. */
function quoted(text: string, quote: string): string {
  return /^[\w.:/@+-]+$/.test(text) ? text : `'${text.replaceAll("'", () => quote)}'`;
}
