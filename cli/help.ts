/**
 * The parts of a command's help that commander does not write, and its errors in two lines.
 *
 * @module
 */

import type { Command } from "commander";
import { nearestName } from "../internal/option_names.ts";

/** The text that follows a command's flags in its help. */
export interface HelpSections {
  /** Two examples or more, each a command line. */
  readonly examples: readonly string[];
  /** Exit codes and what they mean. */
  readonly exitCodes: Readonly<Record<string, string>>;
  /** Variables without a flag of the same name, and what they do. */
  readonly variables?: Readonly<Record<string, string>>;
}

/** Adds examples, exit codes and variables to a command's help. */
export function addHelpSections(
  command: Command,
  { examples, exitCodes, variables = {} }: HelpSections,
): Command {
  const sections = [
    `Examples:\n${examples.map((line) => `  ${line}`).join("\n")}`,
    `Exit codes:\n${table(exitCodes)}`,
    ...(Object.keys(variables).length === 0 ? [] : [`Variables:\n${table(variables)}`]),
  ];
  return command.addHelpText("after", `\n${sections.join("\n\n")}`);
}

function table(rows: Readonly<Record<string, string>>): string {
  const width = Math.max(...Object.keys(rows).map((name) => name.length));
  return Object.entries(rows).map(([name, text]) => `  ${name.padEnd(width)}  ${text}`).join("\n");
}

/**
 * A commander error in one line, where commander puts a suggestion on its own line. Commander
 * suggests nothing for the beginning of a flag, such as `--endpoint` for `--endpoint-url`; this
 * function does.
 */
export function oneLineError(text: string, { options }: Command): string {
  const line = text.replace(/\s*\n\(Did you mean (one of )?(.*?)\?\)/s, "; did you mean $1$2?");
  const [, unknown] = /^error: unknown option '(--[^']+)'\s*$/.exec(line) ?? [];
  if (unknown === undefined) return line;
  const meant = nearestName(unknown, options.flatMap(({ long }) => long ?? []));
  return meant === undefined ? line : `${line.trimEnd()}; did you mean ${meant}?\n`;
}

/** The text that follows an error: the full help would push the error off a small terminal. */
export function helpHint(command: Command): string {
  const name = command.parent === null ? "" : `${command.name()} `;
  return `Run "npx @acs/session ${name}--help" for ${
    command.parent === null ? "the commands" : "all flags"
  }.`;
}
