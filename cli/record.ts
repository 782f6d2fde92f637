/**
 * `acs record` runs a recording proxy between an agent and the service until it is stopped.
 *
 * @module
 */

import { Command, Option } from "commander";
import { DEFAULT_REGION } from "./emulate_flags.ts";
import { type Environment, environmentOption, parseText, parseWholeNumber } from "./flags.ts";
import { addHelpSections } from "./help.ts";
import type { RecordFlags } from "./record/run_recorder.ts";
import { SETTING_VARIABLES } from "./run_settings.ts";
import { colorOption, noColorOption } from "./terminal.ts";

/**
 * The command.
 *
 * @param setExitCode Called with the exit code.
 * @param environment The source of flags that are not given.
 */
export function recordCommand(
  setExitCode: (code: number) => void,
  environment: Environment,
): Command {
  const command = new Command("record")
    .summary("record an agent's traffic with ECS")
    .description(
      "Run a proxy between an agent and ECS that writes a trace of everything.\n" +
        "It re-signs the agent's requests with its own AWS credentials, taken from the\n" +
        "environment, shared files, or the roles of ECS and EC2.",
    )
    .argument("[agent...]", "an agent to start, and its arguments, after --")
    .optionsGroup("Service:")
    .addOption(
      environmentOption(
        "--region <region>",
        `region to sign for; with --upstream, ${DEFAULT_REGION} by default`,
        SETTING_VARIABLES.region,
      ),
    )
    .addOption(
      // Validated later, since commander's error would quote the value.
      new Option(
        "--upstream <url>",
        "URL of the ECS API, such as an emulator's (default: the region's)",
      ).argParser(parseText),
    )
    .option("--no-telemetry", "let the agent send telemetry directly to the service")
    .optionsGroup("Listening:")
    .addOption(
      new Option("--port <port>", "port, 0 for a free one").default(0)
        .argParser(parseWholeNumber(0, 65_535)),
    )
    .addOption(
      new Option(
        "--hostname <address>",
        "address to listen on; every program that can connect to it can use the credentials",
      ).default("127.0.0.1").argParser(parseText),
    )
    .optionsGroup("Output:")
    .addOption(
      new Option(
        "--trace <file>",
        "file for the trace (default: a new one in the current folder)",
      ).argParser(parseText),
    )
    .addOption(
      new Option("--format <format>", "output on stdout").choices(["text", "json"]).default("text"),
    )
    .addOption(colorOption())
    .addOption(noColorOption())
    .action(async (agent: readonly string[], flags: RecordFlags) => {
      const { runRecorder } = await import("./record/run_recorder.ts");
      setExitCode(await runRecorder(agent, flags, environment));
    });
  return addHelpSections(command, {
    examples: [
      "npx @acs/session record --region eu-central-1 -- ./my-agent",
      "npx @acs/session record --upstream http://127.0.0.1:4570 --trace trace.jsonl",
    ],
    exitCodes: {
      "0": "the recorder was stopped, or the agent exited with 0",
      "1": "the agent failed",
      "2": "invalid flags, credentials, port or file",
    },
    variables: {
      "AWS_PROFILE, AWS_ACCESS_KEY_ID, …": "credentials, as for every AWS SDK",
      "HTTPS_PROXY, NO_PROXY": "proxy; Node needs NODE_USE_ENV_PROXY=1 too",
      "NODE_EXTRA_CA_CERTS": "certificates of private authorities",
    },
  });
}
