/**
 * `acs explain CODE`: what a failure is, and what to do about it.
 *
 * @module
 */

import process from "node:process";
import { Command } from "commander";
import { docsOf, FAILURE_CODES, FAILURES, isFailureCode } from "../failures/catalogue.ts";
import type { FailureCode } from "../failures/failure_code.ts";
import { fillIn } from "../failures/failure_help.ts";
import { addHelpSections } from "./help.ts";
import { nearestName } from "../internal/option_names.ts";
import { textWidth, wrapText } from "./wrap_text.ts";

/**
 * The command.
 *
 * @returns It prints, and fails only for a code that does not exist.
 */
export function explainCommand(): Command {
  const command = new Command("explain")
    .summary("explain a failure by its code: acs explain ACS-N01")
    .description("Explain a failure by its code: what happened, and what to do about it.")
    .argument("[code]", "the code, such as ACS-N01; without one, all codes are listed")
    .action((given: string | undefined, _flags: unknown, command: Command) => {
      const text = given === undefined ? listFailures() : explainFailure(findCode(given, command));
      process.stdout.write(`${text}\n`);
    });
  return addHelpSections(command, {
    examples: ["acs explain ACS-N01", "acs explain"],
    exitCodes: { "0": "the failure was explained", "2": "there is no such code" },
  });
}

/** The code that `ACS-N01`, `acs-n01` or `N01` stands for. */
function findCode(given: string, command: Command): FailureCode {
  const code = given.toUpperCase().replace(/^(?!ACS-)/, "ACS-");
  if (isFailureCode(code)) return code;
  const nearest = nearestName(code, FAILURE_CODES);
  const hint = nearest === undefined ? "" : `; did you mean ${nearest}?`;
  return command.error(`error: there is no code "${given}"${hint} (acs explain lists all)`);
}

/** All codes with their titles. */
export function listFailures(): string {
  return FAILURE_CODES.map((code) => `${code}  ${FAILURES[code].title}`).join("\n");
}

/**
 * One failure in full.
 *
 * @param code The failure.
 * @param width The width of a line, in columns.
 */
export function explainFailure(code: FailureCode, width: number = textWidth()): string {
  const { title, cause, fix, more } = FAILURES[code];
  const paragraph = (label: string, text: string) => wrapText(fillIn(text), width, label);
  return [
    `${code}: ${title}`,
    "",
    ...paragraph("What happened: ", cause),
    ...paragraph("What to do:    ", fix),
    ...(more.length === 0 ? [] : ["", "If that does not help:"]),
    ...more.flatMap((text) => paragraph("  - ", text)),
    "",
    `More: ${docsOf(code)}`,
  ].join("\n");
}
