/**
 * `acs explain CODE`: what a failure is, and what to do about it.
 *
 * @module
 */

import process from "node:process";
import { Command } from "commander";
import { addHelpSections } from "./help.ts";

/**
 * The command.
 *
 * @returns It prints, and fails only for a code that does not exist.
 */
export function explainCommand(): Command {
  const command = new Command("explain")
    .summary("explain a failure by its code, such as ACS-N01")
    .description("Explain a failure by its code: what happened, and what to do about it.")
    .argument("[code]", "the code, such as ACS-N01; without one, all codes are listed")
    .action(async (given: string | undefined) => {
      // Loaded here, since no other command needs all the texts.
      const { explainFailure, findCode, listFailures } = await import("./explain_failure.ts");
      const text = given === undefined ? listFailures() : explainFailure(findCode(given));
      process.stdout.write(`${text}\n`);
    });
  return addHelpSections(command, {
    examples: ["npx @acs/session explain ACS-N01", "npx @acs/session explain"],
    exitCodes: { "0": "the failure was explained", "2": "there is no such code" },
  });
}
