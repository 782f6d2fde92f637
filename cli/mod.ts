/**
 * The command `acs` as a function: a dry-run agent, an emulator of the service, and a demonstration
 * of both. Importing it runs nothing; cli/main.ts is the program.
 *
 * @module
 */

import process from "node:process";
import { Command, CommanderError } from "commander";
import { printableLines } from "../internal/one_line.ts";
import { describeError } from "../internal/redaction/describe_error.ts";
import { missingPermission } from "../internal/missing_permission.ts";
import { demoCommand } from "./demo.ts";
import { emulateCommand } from "./emulate.ts";
import { EXIT_FAILURE, EXIT_USAGE } from "./exit.ts";
import { explainCommand } from "./explain.ts";
import { runCommand } from "./run.ts";
import { VERSION } from "./version.ts";

/**
 * Runs the command.
 *
 * @param args What follows the command's name.
 * @returns The exit code: 0 when all went well, 1 when something failed, 2 for wrong flags.
 */
export async function main(args: readonly string[]): Promise<number> {
  let exitCode = 0;
  const setExitCode = (code: number) => {
    exitCode = code;
  };
  const program = new Command("acs")
    .description("The session between an Amazon ECS container agent and the service (ACS)")
    .version(VERSION)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => process.stdout.write(printableLines(text)),
      writeErr: (text) => process.stderr.write(printableLines(text)),
    });
  try {
    // On Deno each variable is a permission: the others are not to ask for those of `run`.
    const environment = args[0] === "run" ? process.env : {};
    const commands = [
      demoCommand(setExitCode),
      runCommand(setExitCode, environment),
      emulateCommand(setExitCode),
      explainCommand(),
    ];
    for (const command of commands) program.addCommand(command.copyInheritedSettings(program));
    for (const command of [program, ...commands]) command.showHelpAfterError(usageOf(command));
    await program.parseAsync([...args], { from: "user" });
  } catch (error) {
    // Help that was asked for, and the version, are no errors.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_USAGE;
    const flag = missingPermission(error);
    const remedy = flag === undefined ? "" : `; run acs with ${flag}`;
    process.stderr.write(`error: ${describeError(error)}${remedy}\n`);
    return EXIT_FAILURE;
  }
  return exitCode;
}

/** What follows an error: the whole help would push the error out of a small terminal. */
function usageOf(command: Command): string {
  const usage = command.createHelp().commandUsage(command);
  const [name = ""] = usage.split(" [");
  return `\nUsage: ${usage}\nRun "${name} --help" for details.`;
}
