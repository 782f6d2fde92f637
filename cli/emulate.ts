/**
 * `acs emulate`: the service on this machine, until stopped or until a scenario has been played.
 *
 * @module
 */

import { Command } from "commander";
import { addEmulateFlags, type EmulateFlags } from "./emulate_flags.ts";
import { addHelpSections } from "./help.ts";

/**
 * The command.
 *
 * @param setExitCode Called with the exit code.
 */
export function emulateCommand(setExitCode: (code: number) => void): Command {
  const command = new Command("emulate")
    .summary("run a local ECS and ACS, or a scenario for CI")
    .description(
      "Run ECS's DiscoverPollEndpoint and ACS on this machine, with a control plane at " +
        "/emulator/, until stopped or until a scenario has been played.",
    )
    .argument("[agent...]", "an agent to start, and its arguments, after --")
    .action(async (agent: readonly string[], flags: EmulateFlags) => {
      const { serveEmulator } = await import("./serve_emulator.ts");
      setExitCode(await serveEmulator(agent, flags));
    });
  return addHelpSections(addEmulateFlags(command), {
    examples: [
      "npx @acs/session emulate -- python3 my_agent.py",
      "npx @acs/session emulate --scenario lifecycle.json -- ./my-agent --flag",
      "npx @acs/session emulate --state emulator.db --heartbeat 20000-40000",
    ],
    exitCodes: {
      "0": "it was stopped, or the scenario passed",
      "1": "the scenario failed, or the agent did",
      "2": "wrong flags, scenario or port",
      "130, 143": "a scenario was interrupted by SIGINT or SIGTERM",
    },
    variables: {
      "ACS_CONTROL_TOKEN": "the control token, instead of --control-token",
      "NO_COLOR": "no colors, and only ASCII symbols",
    },
  });
}
