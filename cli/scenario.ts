/**
 * `acs scenario from` converts a trace or a log of amazon-ecs-agent to a scenario.
 *
 * @module
 */

import { Argument, Command, Option } from "commander";
import { parseText, speedOption } from "./flags.ts";
import { addHelpSections } from "./help.ts";
import type { ScenarioFlags } from "./scenario_from.ts";

/** The command. */
export function scenarioCommand(): Command {
  const command = new Command("scenario")
    .summary("convert a trace or a log to a scenario")
    .description(
      "Convert a trace, or a log of amazon-ecs-agent, to a scenario, and print it on\n" +
        "stdout. The scenario repeats for any agent what the service did.",
    )
    .usage("from <file> [flags]")
    .addArgument(new Argument("<from>", "the word from").choices(["from"]))
    .argument("<file>", "a trace, or an agent's log, possibly mixed with other lines")
    .addOption(
      new Option("--name <name>", "name of the scenario (default: the file's name)")
        .argParser(parseText),
    )
    .addOption(speedOption("speed factor relative to the recording (default: 1)"))
    .action(async (_from: string, file: string, flags: ScenarioFlags) => {
      const { printScenario } = await import("./scenario_from.ts");
      await printScenario(file, flags);
    });
  return addHelpSections(command, {
    examples: [
      "npx @acs/session scenario from trace.jsonl > scenario.json",
      "npx @acs/session scenario from ecs-agent.log > scenario.json",
    ],
    exitCodes: {
      "0": "the scenario was printed",
      "2": "the file is neither a trace nor such a log",
    },
  });
}
