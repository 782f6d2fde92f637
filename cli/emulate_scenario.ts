/**
 * `acs emulate --scenario`: plays a script against an agent and reports the outcome.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { createReadStream } from "node:fs";
import process from "node:process";
import type { AcsEmulator } from "../emulator/acs_emulator.ts";
import { withExpirations, withFreshIds } from "../emulator/replay/fresh_trace.ts";
import { scenarioFromTrace } from "../emulator/replay/scenario_from_trace.ts";
import { parseScenario, scenarioStepLines } from "../emulator/scenario/parse_scenario.ts";
import type { Scenario } from "../emulator/scenario/scenario.ts";
import { ScenarioError } from "../emulator/scenario/scenario_error.ts";
import type { EmulatorTarget } from "../emulator/agent_variables.ts";
import { agentEnvironment } from "./agent_environment.ts";
import { startAgent } from "./agent_process.ts";
import type { EmulateFlags } from "./emulate_flags.ts";
import { describeFileFailure } from "../internal/file_failure.ts";
import { CommandFailure, EXIT_FAILURE, EXIT_USAGE } from "./exit.ts";
import { loadTrace } from "./load_trace.ts";
import { scenarioPrinter } from "./scenario_reporters.ts";
import type { Screen } from "./screen.ts";
import type { SignalStop } from "./signals.ts";

/** The participants. */
export interface ScenarioStage {
  /** The service. */
  readonly emulator: AcsEmulator;
  /** Where it is. */
  readonly target: EmulatorTarget;
  /** The script. */
  readonly loaded: LoadedScenario;
  /** The path of the trace; `undefined` for none. */
  readonly traceFile: string | undefined;
  /** The agent to start, and its arguments; empty if the user starts an agent. */
  readonly agent: readonly string[];
  /** The command's flags. */
  readonly flags: EmulateFlags;
  /** Ends it early. */
  readonly stop: SignalStop;
  /** Where the report goes. */
  readonly screen: Screen;
}

/** A script and where it was read from. */
export interface LoadedScenario {
  /** The script. */
  readonly scenario: Scenario;
  /** Its file. */
  readonly file: string;
  /** The line of each step in the file, from 1. */
  readonly stepLines: readonly number[];
  /** Whether to report all differences instead of only the first. */
  readonly keepGoing?: boolean;
}

/**
 * Reads a script.
 *
 * @param file The file's path.
 * @throws {CommandFailure} If it cannot be read or played, naming file, line, step and field.
 */
export async function loadScenario(file: string): Promise<LoadedScenario> {
  let text: string;
  try {
    text = await readText(file);
  } catch (error) {
    const why = error instanceof RangeError ? error.message : describeFileFailure(error, "file");
    throw new CommandFailure(`cannot read the scenario ${file}: ${why}`, EXIT_USAGE);
  }
  try {
    return { scenario: parseScenario(text, file), file, stepLines: scenarioStepLines(text, file) };
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    throw new CommandFailure(error.message, EXIT_USAGE);
  }
}

/** Maximum size of a scenario, in bytes, since special files such as /dev/zero never end. */
const MAX_FILE_BYTES = 16 * 2 ** 20;

async function readText(file: string): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of createReadStream(file)) {
    size += part.length;
    if (size > MAX_FILE_BYTES) throw new RangeError("it has more than 16 MiB");
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}

/**
 * Converts a trace to a script: the service's messages with new ids, and the agent's recorded
 * answers.
 *
 * @param file The file's path.
 * @param speed Factor by which the replay is faster than the recording.
 * @throws {CommandFailure} If it cannot be read. The error contains the file, line and field.
 */
export async function loadReplay(file: string, speed: number): Promise<LoadedScenario> {
  const recorded = await loadTrace(file);
  if (!recorded.entries.some(({ event }) => event === "connected" || event === "refused")) {
    throw new CommandFailure(
      `${file}: no agent connected, so there is nothing to replay`,
      EXIT_USAGE,
    );
  }
  const age = Date.now() - Date.parse(recorded.header.recordedAt);
  const trace = withExpirations(withFreshIds(recorded), (time) => time + age);
  const name = `replay of ${trace.header.scenario ?? file}`;
  const { scenario, lines } = scenarioFromTrace(trace, { speed, name });
  return { scenario, file, stepLines: lines, keepGoing: true };
}

/**
 * Plays a script and reports the outcome.
 *
 * @returns The exit code: 0 if all steps passed, 1 if a step failed, that of the signal if there
 * was one.
 */
export async function emulateScenario(stage: ScenarioStage): Promise<number> {
  const { emulator, target, loaded, agent, flags, stop } = stage;
  const printer = scenarioPrinter(flags.reporter ?? flags.format, {
    emulator,
    target,
    scenario: loaded.scenario,
    file: loaded.file,
    stepLines: loaded.stepLines,
    startsAgent: agent.length > 0,
    verbose: flags.verbose ?? false,
    screen: stage.screen,
    traceFile: stage.traceFile,
    isInterrupted: () => stop.exitCode !== undefined,
  });
  printer.begin();
  const ended = new AbortController();
  const running = agent.length === 0 ? undefined : await startAgent(
    agent,
    agentEnvironment(target, process.env),
    (line) => stage.screen.agentLine(line),
  );
  running?.ended.then(({ text }) => ended.abort(new Error(`the agent ${text}`)));
  try {
    const report = await emulator.playScenario(loaded.scenario, {
      signal: AbortSignal.any([stop.signal, ended.signal]),
      timeoutMs: flags.timeout,
      keepGoing: loaded.keepGoing,
      onStep: printer.step,
    });
    printer.end(report);
    return stop.exitCode ?? (report.passed ? 0 : EXIT_FAILURE);
  } finally {
    await running?.stop();
  }
}
