/**
 * Converts a file to a scenario and prints it.
 *
 * @module
 */

import { basename } from "node:path";
import process from "node:process";
import { withExpirations } from "../emulator/replay/fresh_trace.ts";
import { formatScenario } from "../emulator/replay/format_scenario.ts";
import { scenarioFromLog } from "../emulator/replay/scenario_from_log.ts";
import { scenarioFromTrace } from "../emulator/replay/scenario_from_trace.ts";
import { isTrace } from "../emulator/trace/read_trace.ts";
import { printableLines } from "../internal/one_line.ts";
import { CommandFailure, EXIT_USAGE } from "./exit.ts";
import { readTrace } from "./load_trace.ts";
import { readTextFile } from "./text_file.ts";

/** The flags, unparsed. */
export interface ScenarioFlags {
  readonly name?: string;
  readonly speed?: number;
}

/**
 * The expiration time of credentials in a scenario: far in the future, since it may be played for
 * years.
 */
const NEVER = Date.UTC(2099, 11, 31, 23, 59, 59);

/**
 * Prints the scenario on stdout, and notes about what could not be converted on stderr.
 *
 * @param file The path of a trace or of a log.
 * @param flags The command's flags.
 * @throws {CommandFailure} If the file cannot be read, or is neither a trace nor a log.
 */
export async function printScenario(file: string, flags: ScenarioFlags): Promise<void> {
  const text = await readTextFile(file);
  const name = flags.name ?? basename(file);
  const { speed = 1 } = flags;
  if (isTrace(text)) {
    const trace = withExpirations(readTrace(text, file), () => NEVER);
    const title = flags.name ?? trace.header.scenario ?? name;
    process.stdout.write(formatScenario(scenarioFromTrace(trace, { name: title, speed }).scenario));
    return;
  }
  const made = scenarioFromLog(text, { name, speed });
  if (made === undefined) {
    throw new CommandFailure(
      `${file} is neither a trace nor a log of amazon-ecs-agent that mentions ACS: it has no line ` +
        'such as level=info time=… msg="Connected to ACS endpoint"',
      EXIT_USAGE,
    );
  }
  for (const note of made.notes) {
    process.stderr.write(printableLines(`note: ${file}, ${note}\n`));
  }
  process.stdout.write(formatScenario(made.scenario));
}
