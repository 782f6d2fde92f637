/**
 * `acs show` shows a trace in a browser or as text.
 *
 * @module
 */

import { Command, Option } from "commander";
import { parseWholeNumber } from "./flags.ts";
import { addHelpSections } from "./help.ts";
import type { ShowFlags } from "./show_trace.ts";
import { colorOption, noColorOption } from "./terminal.ts";

/**
 * The command.
 *
 * @param setExitCode Called with the exit code.
 */
export function showCommand(setExitCode: (code: number) => void): Command {
  const command = new Command("show")
    .summary("show a trace in a browser or as text")
    .description(
      "Serve the console with a trace on this machine until stopped, and print the URL.",
    )
    .argument("<file>", "the trace")
    .addOption(
      new Option("--port <port>", "port, 0 for a free one").default(0)
        .argParser(parseWholeNumber(0, 65_535)),
    )
    .option("--text", "print the trace as a timeline instead")
    .addOption(colorOption())
    .addOption(noColorOption())
    .action(async (file: string, flags: ShowFlags) => {
      const { showTrace } = await import("./show_trace.ts");
      setExitCode(await showTrace(file, flags));
    });
  return addHelpSections(command, {
    examples: ["npx @acs/session show trace.jsonl", "npx @acs/session show trace.jsonl --text"],
    exitCodes: {
      "0": "the server was stopped, or the text was printed",
      "1": "the text was printed up to an invalid line",
      "2": "the file is not a trace",
    },
  });
}
