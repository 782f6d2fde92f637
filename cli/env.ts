/**
 * `acs env` prints the variables that point an agent at a running emulator.
 *
 * @module
 */

import { Command, Option } from "commander";
import type { SendFlags } from "./call_control.ts";
import { addHelpSections } from "./help.ts";
import type { ShellName } from "./print_environment.ts";
import { emulatorOptions } from "./send.ts";

/** The command. */
export function envCommand(): Command {
  const command = new Command("env")
    .summary("print the variables that point an agent at a running emulator")
    .description(
      "Print the environment variables that point an agent at a running emulator,\n" +
        "as shell commands or as lines of an .env file.",
    )
    .optionsGroup("Connection:");
  for (const option of emulatorOptions()) command.addOption(option);
  command
    .optionsGroup("Output:")
    .addOption(
      new Option("--shell <shell>", "form of the output").choices([
        "sh",
        "fish",
        "powershell",
        "dotenv",
      ]).default("sh"),
    )
    .action(async ({ shell, ...flags }: SendFlags & { readonly shell: ShellName }) => {
      const { printEnvironment } = await import("./print_environment.ts");
      await printEnvironment(shell, flags);
    });
  return addHelpSections(command, {
    examples: [
      'eval "$(npx @acs/session env)"',
      "npx @acs/session env --shell fish | source",
      "npx @acs/session env --shell dotenv > .env",
    ],
    exitCodes: {
      "0": "the variables were printed",
      "1": "no emulator answers",
      "2": "wrong flags",
    },
  });
}
