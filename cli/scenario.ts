/**
 * `acs scenario from`: makes a scenario from a trace, or from the log of amazon-ecs-agent.
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
    .summary("make a scenario from a trace or a log")
    .description(
      "Make a scenario from a trace, or from the log of amazon-ecs-agent, and print it\n" +
        "on stdout. The scenario repeats for any agent what the service did.",
    )
    .usage("from <file> [flags]")
    .addArgument(new Argument("<from>", "the word from").choices(["from"]))
    .argument("<file>", "a trace, or an agent's log, possibly with other lines")
    .addOption(
      new Option("--name <name>", "name of the scenario (default: that of the file)")
        .argParser(parseText),
    )
    .addOption(speedOption("how many times faster than recorded (default: 1)"))
    .action(async (_from: string, file: string, flags: ScenarioFlags) => {
      const { printScenario } = await import("./scenario_from.ts");
      await printScenario(file, flags);
    });
  return addHelpSections(command, {
    examples: [
      "npx @acs/session scenario from trace.jsonl > scenario.json",
      "npx @acs/session scenario from ecs-agent.log > scenario.json",
    ],
    exitCodes: { "0": "it was printed", "2": "the file is neither a trace nor such a log" },
  });
}
