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
import { completionCommand } from "./completion.ts";
import { demoCommand } from "./demo.ts";
import { doctorCommand } from "./doctor.ts";
import { emulateCommand } from "./emulate.ts";
import { CommandFailure, EXIT_FAILURE, EXIT_USAGE, UsageError } from "./exit.ts";
import { envCommand } from "./env.ts";
import { explainCommand } from "./explain.ts";
import { addHelpSections, helpHint, oneLineError } from "./help.ts";
import { recordCommand } from "./record.ts";
import { runCommand } from "./run.ts";
import { scenarioCommand } from "./scenario.ts";
import { sendCommand } from "./send.ts";
import { terminalOf } from "./terminal.ts";
import { showCommand } from "./show.ts";
import { VERSION } from "./version.ts";
import { wrapText } from "./wrap_text.ts";

/** The commands whose flags may come from variables. */
const READS_ENVIRONMENT: ReadonlySet<string | undefined> = new Set(["run", "doctor", "record"]);

/**
 * Runs the command.
 *
 * @param args What follows the command's name.
 * @returns The exit code: 0 on success, 1 on failure, 2 for invalid flags.
 */
export async function main(args: readonly string[]): Promise<number> {
  let exitCode = 0;
  const setExitCode = (code: number) => {
    exitCode = code;
  };
  // On Deno each variable needs a permission: only some commands need all of these.
  const environment = READS_ENVIRONMENT.has(args[0]) ? process.env : {};
  const program = createProgram(setExitCode, environment);
  try {
    await program.parseAsync(withFlagsForWords(args), { from: "user" });
  } catch (error) {
    // Requested help, and the version, are not errors.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_USAGE;
    return reportFailure(
      error,
      program.commands.find((each) => each.name() === args[0]) ?? program,
    );
  }
  return exitCode;
}

/** Converts `acs help`, `acs help run` and `acs version`, which many programs have, to flags. */
function withFlagsForWords(args: readonly string[]): string[] {
  const [first, ...others] = args;
  if (first === "version") return ["--version", ...others];
  return first === "help" ? [...others, "--help"] : [...args];
}

function createProgram(
  setExitCode: (code: number) => void,
  environment: Readonly<Record<string, string | undefined>>,
): Command {
  const program = new Command("acs")
    .description("Run, test and debug an agent's connection to Amazon ECS (ACS).")
    .usage("<command> [flags]")
    .version(VERSION)
    .helpCommand(false)
    .exitOverride()
    .configureHelp({ subcommandTerm: (command) => command.name() })
    .configureOutput({
      writeOut: (text) => process.stdout.write(printableLines(text)),
      writeErr: (text) => process.stderr.write(fitTerminal(text)),
    });
  const add = (group: string, command: Command) => {
    program.addCommand(command.copyInheritedSettings(program).helpGroup(group));
  };
  add("Try it:", demoCommand(setExitCode));
  add("Test an agent:", emulateCommand(setExitCode));
  add("Test an agent:", envCommand());
  add("Test an agent:", sendCommand(setExitCode));
  add("Test an agent:", recordCommand(setExitCode, environment));
  add("Test an agent:", showCommand(setExitCode));
  add("Test an agent:", scenarioCommand());
  add("Run and debug:", runCommand(setExitCode, environment));
  add("Run and debug:", doctorCommand(setExitCode, environment));
  add("Run and debug:", explainCommand());
  add("Other:", completionCommand(() => program));
  addHelpSections(program, {
    examples: [
      "npx @acs/session demo",
      "npx @acs/session emulate -- python3 my_agent.py",
      "npx @acs/session emulate --scenario lifecycle.json -- ./my-agent",
    ],
    exitCodes: { "0": "success", "1": "failure", "2": "invalid flags or files" },
  });
  program.addHelpText(
    "after",
    '\nRun "npx @acs/session <command> --help" for the flags of a command.',
  );
  for (const command of [program, ...program.commands]) {
    command
      .showHelpAfterError(helpHint(command))
      .configureOutput({ outputError: (text, write) => write(oneLineError(text, command)) });
  }
  return program;
}

/** Wraps lines at spaces, since a terminal would break them within words. */
function fitTerminal(text: string): string {
  const { columns } = terminalOf(process.stderr, "never");
  return printableLines(text).split("\n").flatMap((line) => wrapText(line, columns)).join("\n");
}

/** Prints why a command ended; a user's mistake takes two lines. */
function reportFailure(error: unknown, command: Command): number {
  const write = (text: string) => void process.stderr.write(`${fitTerminal(text)}\n`);
  if (error instanceof CommandFailure) {
    write(error.message.replace(/^/gm, "error: "));
    if (error instanceof UsageError) write(helpHint(command));
    return error.exitCode;
  }
  const flag = missingPermission(error);
  write(
    flag === undefined
      ? `error: ${describeError(error)}`
      : `error: acs lacks a permission: run it with ${flag}`,
  );
  return EXIT_FAILURE;
}
