/**
 * `acs emulate --scenario`: plays a script against an agent and tells how it went.
 *
 * @module
 */

import { printableLines } from "../internal/one_line.ts";
import { printableJson } from "../internal/printable_json.ts";
import { readFile } from "node:fs/promises";
import process from "node:process";
import type { AcsEmulator } from "../emulator/acs_emulator.ts";
import { parseScenario } from "../emulator/scenario/parse_scenario.ts";
import type { Scenario, ScenarioReport, StepReport } from "../emulator/scenario/scenario.ts";
import { ScenarioError } from "../emulator/scenario/scenario_error.ts";
import { agentEnvironment, type EmulatorTarget, howToPointAnAgent } from "./agent_environment.ts";
import { startAgent } from "./agent_process.ts";
import type { EmulateFlags } from "./emulate_flags.ts";
import { reportEmulator } from "./emulator_report.ts";
import { CommandFailure, EXIT_FAILURE, EXIT_USAGE } from "./exit.ts";
import { formatJson } from "./session_report.ts";
import type { Screen } from "./screen.ts";
import type { SignalStop } from "./signals.ts";
import { terminalOf } from "./terminal.ts";
import { Timeline } from "./timeline.ts";

/** Who plays what. */
export interface ScenarioStage {
  /** The service. */
  readonly emulator: AcsEmulator;
  /** Where it is. */
  readonly target: EmulatorTarget;
  /** The script. */
  readonly scenario: Scenario;
  /** The agent to start and its arguments; empty for one that comes by itself. */
  readonly agent: readonly string[];
  /** The command's flags. */
  readonly flags: EmulateFlags;
  /** Ends it early. */
  readonly stop: SignalStop;
  /** Where the report goes. */
  readonly screen: Screen;
}

/**
 * Reads a script.
 *
 * @param file The file's path.
 * @throws {CommandFailure} If it cannot be read or played, naming file, line, step and field.
 */
export async function loadScenario(file: string): Promise<Scenario> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CommandFailure(`cannot read the scenario ${file}: ${why}`, EXIT_USAGE);
  }
  try {
    return parseScenario(text, file);
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    throw new CommandFailure(error.message, EXIT_USAGE);
  }
}

/**
 * Plays a script and tells how it went.
 *
 * @returns The exit code: 0 if all went well, 1 if a step failed, that of the signal if there was one.
 */
export async function emulateScenario(stage: ScenarioStage): Promise<number> {
  const { emulator, target, scenario, agent, flags, stop } = stage;
  const printer = flags.format === "json" ? jsonPrinter(stage) : textPrinter(stage);
  printer.begin();
  const ended = new AbortController();
  const running = agent.length === 0 ? undefined : await startAgent(
    agent,
    agentEnvironment(target, process.env),
    (line) => stage.screen.pass(`agent | ${line}\n`),
  );
  running?.ended.then(({ text }) => ended.abort(new Error(`the agent ${text}`)));
  try {
    const report = await emulator.playScenario(scenario, {
      signal: AbortSignal.any([stop.signal, ended.signal]),
      timeoutMs: flags.timeout,
      onStep: printer.step,
    });
    printer.end(report);
    return stop.exitCode ?? (report.passed ? 0 : EXIT_FAILURE);
  } finally {
    await running?.stop();
  }
}

/** Tells how a scenario goes. */
interface ScenarioPrinter {
  /** It begins. */
  begin(): void;
  /** A step is over. */
  step(report: StepReport): void;
  /** It is over. */
  end(report: ScenarioReport): void;
}

function print(line: string): void {
  process.stdout.write(`${printableLines(line)}\n`);
}

function jsonPrinter({ emulator, scenario, flags }: ScenarioStage): ScenarioPrinter {
  const tell = (event: string, fields: object) =>
    print(printableJson({ time: new Date().toISOString(), event, ...fields }));
  if (flags.verbose) reportEmulator(emulator, (event) => print(formatJson(event)), true);
  return {
    begin: () =>
      tell("listening", {
        url: emulator.url,
        publicUrl: emulator.publicUrl,
        steps: scenario.steps.length,
      }),
    step: (report) => tell("step", report),
    end: ({ name, passed, durationMs }) => tell("scenario", { name, passed, durationMs }),
  };
}

const OUTCOMES = { ok: "ok", failed: "FAILED", skipped: "skipped" } as const;

function textPrinter({ emulator, target, scenario, agent, flags }: ScenarioStage): ScenarioPrinter {
  if (flags.verbose) {
    const timeline = new Timeline({ terminal: terminalOf(process.stdout) });
    reportEmulator(emulator, (event) => process.stdout.write(`${timeline.format(event)}\n`), true);
  }
  return {
    begin() {
      const name = scenario.name === undefined ? "" : `"${scenario.name}", `;
      print(`Scenario ${name}${scenario.steps.length} steps, at ${emulator.url}`);
      print(agent.length === 0 ? `\n${howToPointAnAgent(target)}` : "");
    },
    step({ step, title, outcome, durationMs, error }) {
      const time = outcome === "skipped" ? "" : ` (${seconds(durationMs)})`;
      const why = error === undefined ? "" : `: ${error}`;
      print(`  ${OUTCOMES[outcome].padEnd(8)} ${String(step).padStart(2)} ${title}${time}${why}`);
    },
    end({ passed, durationMs, steps }) {
      const failed = steps.find(({ outcome }) => outcome === "failed");
      const verdict = passed
        ? `Passed: ${steps.length} steps`
        : `Failed: step ${failed?.step} of ${steps.length}`;
      print(`\n${verdict} in ${seconds(durationMs)}.`);
    },
  };
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(3)} s`;
}
