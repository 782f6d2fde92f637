/**
 * `acs send`: calls one operation of an emulator's control plane.
 *
 * @module
 */

import { Command, InvalidArgumentError, Option } from "commander";
import type { SendFlags } from "./call_control.ts";
import { CONTROL_TOKEN_VARIABLE, DEFAULT_PORT } from "./emulate_flags.ts";
import { addHelpSections } from "./help.ts";

/**
 * The command.
 *
 * @param setExitCode Called with the exit code.
 */
export function sendCommand(setExitCode: (code: number) => void): Command {
  const command = new Command("send")
    .summary("make a running emulator do something")
    .description(
      "Call an operation of a running emulator, and print what it returns.\n" +
        "A value is parsed as JSON if it is valid JSON, and is a string otherwise. a.b=1\n" +
        'sets a nested field, and names=\'["x", "y"]\' a list.',
    )
    .argument("<operation>", 'operation; "list" prints all, "list NAME" the fields of one')
    .argument("[fields...]", "input of the operation, as key=value")
    .optionsGroup("Connection:");
  for (const option of emulatorOptions()) command.addOption(option);
  command
    .action(async (operation: string, fields: readonly string[], flags: SendFlags) => {
      const { callOperation } = await import("./call_operation.ts");
      setExitCode(await callOperation(operation, fields, flags));
    });
  return addHelpSections(command, {
    examples: [
      "npx @acs/session send run-task family=web",
      "npx @acs/session send inject-fault at=connection action=reset",
      "npx @acs/session send expect-ack messageId=MESSAGE_ID within=5000",
    ],
    exitCodes: {
      "0": "the operation succeeded",
      "1": "it failed, or no emulator answers",
      "2": "wrong flags, operation or fields",
    },
  });
}

/** Adds the flags for the emulator's URL and token. */
export function emulatorOptions(): Option[] {
  return [
    new Option("--url <url>", "URL of the emulator").default(`http://127.0.0.1:${DEFAULT_PORT}`)
      .argParser(parseUrl),
    new Option(
      "--control-token <token>",
      `control token of the emulator (env: ${CONTROL_TOKEN_VARIABLE})`,
    ),
  ];
}

function parseUrl(value: string): string {
  if (URL.canParse(value) && /^https?:$/.test(new URL(value).protocol)) {
    return value.replace(/\/+$/, "");
  }
  throw new InvalidArgumentError("It must be an http: or https: URL.");
}
