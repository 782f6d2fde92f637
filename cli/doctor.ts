/**
 * `acs doctor`: finds out why an agent does not connect.
 *
 * @module
 */

import { Command, Option } from "commander";
import type { Environment } from "../internal/environment.ts";
import { parseDuration } from "./duration.ts";
import { addHelpSections } from "./help.ts";
import type { DoctorCommandFlags } from "./run_doctor.ts";
import { addConnectionFlags, addIdentityFlags } from "./setting_flags.ts";
import { colorOption, noColorOption } from "./terminal.ts";

/**
 * The command.
 *
 * @param setExitCode Called with the exit code.
 * @param environment The source of flags that are not given.
 */
export function doctorCommand(
  setExitCode: (code: number) => void,
  environment: Environment,
): Command {
  const command = new Command("doctor")
    .summary("find out why an agent does not connect")
    .description(
      "Check each step of an agent's connection: credentials, name, TCP, TLS, ECS, clock, ACS.\n" +
        "It changes nothing; with --connect, it may displace a running agent.",
    );
  addConnectionFlags(addIdentityFlags(command))
    .optionsGroup("Checks:")
    .option(
      "--connect",
      "open a session until the first message, for at most 75 s; may displace a running agent",
      false,
    )
    .addOption(
      new Option("--timeout <duration>", "time limit of one check, such as 3s")
        .default(10_000, "10s").argParser(parseDuration),
    )
    .optionsGroup("Output:")
    .addOption(
      new Option("--format <format>", "output on stdout").choices(["text", "json"]).default("text"),
    )
    .addOption(colorOption())
    .addOption(noColorOption())
    .option("--verbose", "show the causes of errors, and what else to check", false)
    .action(async (flags: DoctorCommandFlags) => {
      const { runDoctor } = await import("./run_doctor.ts");
      setExitCode(await runDoctor(flags, environment));
    });
  return addHelpSections(command, {
    examples: [
      'npx @acs/session doctor --container-instance-arn "$ARN"',
      'npx @acs/session doctor --container-instance-arn "$ARN" --format json',
    ],
    exitCodes: {
      "0": "no check failed: an agent should connect",
      "1": "a check failed",
      "2": "wrong flags or variables",
    },
  });
}
