/**
 * `acs demo`: an emulator and a session in one process, and everything that passes between them.
 *
 * @module
 */

import { Command } from "commander";
import { addHelpSections } from "./help.ts";
import { type ColorChoice, colorOption, noColorOption } from "./terminal.ts";

/**
 * The command.
 *
 * @param setExitCode Called with the exit code: 1 if a step failed.
 */
export function demoCommand(setExitCode: (code: number) => void): Command {
  const command = new Command("demo")
    .summary("show every message, against the emulator (1 s)")
    .description("Run a session against the emulator, with every kind of message.")
    .addOption(colorOption())
    .addOption(noColorOption())
    .action(async ({ color }: { color: ColorChoice }) => {
      const { playDemo } = await import("./play_demo.ts");
      setExitCode(await playDemo(color));
    });
  return addHelpSections(command, {
    examples: ["npx @acs/session demo", "npx @acs/session demo --color never | less"],
    exitCodes: { "0": "every step passed", "1": "a step failed", "130": "stopped by Ctrl-C" },
  });
}
