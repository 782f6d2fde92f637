/**
 * Reports the progress of a scenario: as text, JSON, JUnit XML or GitHub Actions annotations.
 *
 * @module
 */

import { oneLine } from "../internal/one_line.ts";
import { printableJson } from "../internal/printable_json.ts";
import type { AcsEmulator } from "../emulator/acs_emulator.ts";
import type { Scenario, ScenarioReport, StepReport } from "../emulator/scenario/scenario.ts";
import { agentSetupHelp } from "./agent_environment.ts";
import type { EmulatorTarget } from "../emulator/agent_variables.ts";
import type { ScenarioReporter } from "./emulate_flags.ts";
import { reportEmulator } from "./emulator_report.ts";
import { showEmulator } from "./emulator_timeline.ts";
import type { Screen } from "./screen.ts";
import { formatJson } from "./reported_event.ts";
import { wrap } from "./terminal.ts";

/** Reports the progress of a scenario. */
export interface ScenarioPrinter {
  /** It begins. */
  begin(): void;
  /** A step is over. */
  step(report: StepReport): void;
  /** It is over. */
  end(report: ScenarioReport): void;
}

/** What to report, and how. */
export interface ScenarioReporterOptions {
  /** The emulator that plays the scenario. */
  readonly emulator: AcsEmulator;
  /** How agents reach it. */
  readonly target: EmulatorTarget;
  /** The scenario. */
  readonly scenario: Scenario;
  /** Its file. */
  readonly file: string;
  /** The line of each step in the file, from 1. */
  readonly stepLines: readonly number[];
  /** Whether the command starts the agent. */
  readonly startsAgent: boolean;
  /** Whether every event of the emulator is reported, too. */
  readonly verbose: boolean;
  /** Where the report goes. */
  readonly screen: Screen;
  /** The path of the trace; `undefined` for none. */
  readonly traceFile: string | undefined;
  /** Whether the user has interrupted it. */
  readonly isInterrupted: () => boolean;
}

/** Creates the reporter of that name. */
export function scenarioPrinter(
  name: ScenarioReporter,
  options: ScenarioReporterOptions,
): ScenarioPrinter {
  switch (name) {
    case "text":
      return textPrinter(options);
    case "json":
      return jsonPrinter(options);
    case "junit":
      return junitPrinter(options);
    case "github":
      return githubPrinter(options);
  }
}

function jsonPrinter(
  { emulator, scenario, verbose, screen, traceFile }: ScenarioReporterOptions,
): ScenarioPrinter {
  const print = (event: string, fields: object) =>
    screen.print(printableJson({ time: new Date().toISOString(), event, ...fields }));
  if (verbose) reportEmulator(emulator, (event) => screen.print(formatJson(event)), true);
  return {
    begin() {
      const { url, publicUrl } = emulator;
      print("listening", { url, publicUrl, steps: scenario.steps.length });
    },
    step: (report) => print("step", report),
    end: ({ name, passed, durationMs }) =>
      print("scenario", { name, passed, durationMs, trace: traceFile }),
  };
}

/** The column at which the details of a step begin. */
const DETAIL_INDENT = 14;

function textPrinter(options: ScenarioReporterOptions): ScenarioPrinter {
  const { emulator, target, scenario, startsAgent, verbose, screen } = options;
  const { paint } = screen.out;
  const timeline = verbose ? showEmulator(emulator, screen, true) : undefined;
  const printBelow = (text: string) => {
    const room = screen.out.columns - DETAIL_INDENT;
    for (const line of room === Infinity ? [text] : wrap(text, room, room)) {
      screen.print(`${" ".repeat(DETAIL_INDENT)}${line}`);
    }
  };
  return {
    begin() {
      const name = scenario.name === undefined ? "" : `"${oneLine(scenario.name)}", `;
      screen.print(`Scenario ${name}${count(scenario.steps.length, "step")}, at ${emulator.url}`);
      screen.print(startsAgent ? "" : `\n${agentSetupHelp(target, screen.out.columns)}`);
    },
    step(report) {
      timeline?.flush();
      const { step, outcome, durationMs, error, details = [] } = report;
      const time = outcome === "skipped" ? "" : ` (${seconds(durationMs)})`;
      const word = outcomeOf(report, options).padEnd(8);
      const painted = outcome === "ok" ? paint("green", word) : paint(colorOf(outcome), word);
      const title = oneLine(report.title);
      screen.print(`  ${painted} ${String(step).padStart(2)} ${title}${time}`);
      if (error !== undefined && !options.isInterrupted()) {
        for (const line of error.split("\n")) printBelow(oneLine(line));
        for (const detail of details) printBelow(`- ${oneLine(detail)}`);
      }
    },
    end({ passed, durationMs, steps }) {
      const [failed, ...others] = steps.filter(({ outcome }) => outcome === "failed");
      const more = others.length === 0 ? "" : ` and ${others.length} more`;
      const what = options.isInterrupted() ? "Interrupted at" : "Failed:";
      const verdict = passed
        ? `Passed: ${count(steps.length, "step")}`
        : `${what} step ${failed?.step}${more} of ${steps.length}`;
      const trace = passed || options.traceFile === undefined ? "" : oneLine(options.traceFile);
      screen.print(`\n${verdict} in ${seconds(durationMs)}.${trace && ` Trace: ${trace}`}`);
      if (trace !== "") screen.print(`To view it: npx @acs/session show ${trace}`);
    },
  };
}

function colorOf(outcome: "failed" | "skipped"): "red" | "dim" {
  return outcome === "failed" ? "red" : "dim";
}

function outcomeOf({ outcome }: StepReport, { isInterrupted }: ScenarioReporterOptions): string {
  if (outcome !== "failed") return outcome;
  return isInterrupted() ? "stopped" : "FAILED";
}

/**
 * JUnit XML has no official schema. This is the subset that the strictest parser accepts: the
 * schema `junit-10.xsd` of Jenkins' xUnit plugin, which has no attribute for line numbers.
 */
function junitPrinter(
  { screen, file, stepLines, traceFile }: ScenarioReporterOptions,
): ScenarioPrinter {
  return {
    begin() {},
    step() {},
    end({ name, passed, durationMs, steps }) {
      if (!passed && traceFile !== undefined) screen.note(`Trace: ${traceFile}`);
      const failures = steps.filter(({ outcome }) => outcome === "failed").length;
      const skipped = steps.filter(({ outcome }) => outcome === "skipped").length;
      const counts = `tests="${steps.length}" failures="${failures}" errors="0" time="${
        (durationMs / 1000).toFixed(3)
      }"`;
      const cases = steps.map((report) => {
        const { step, title, outcome, error = "", details = [] } = report;
        const line = stepLines[step - 1];
        const place = line === undefined ? file : `${file}:${line}`;
        const head = `    <testcase name="${xml(`${step} ${title}`)}" classname="${xml(name)}" ` +
          `time="${(report.durationMs / 1000).toFixed(3)}"`;
        if (outcome === "ok") return `${head}/>`;
        const inner = outcome === "skipped"
          ? "<skipped/>"
          : `<failure message="${xml(error)}">${xml([place, ...details].join("\n"))}</failure>`;
        return `${head}>${inner}</testcase>`;
      });
      screen.print([
        '<?xml version="1.0" encoding="UTF-8"?>',
        `<testsuites ${counts}>`,
        `  <testsuite name="${xml(name)}" file="${xml(file)}" ${counts} skipped="${skipped}">`,
        ...cases,
        "  </testsuite>",
        "</testsuites>",
      ].join("\n"));
    },
  };
}

/** Characters that XML cannot contain, or that a terminal interprets, are replaced. */
function xml(text: string): string {
  return text.split("\n").map((line) => oneLine(line, 2_000)).join("\n")
    .replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;").replaceAll("\n", "&#10;");
}

/** The text, and an annotation at the step's place in the file for each that fails. */
function githubPrinter(options: ScenarioReporterOptions): ScenarioPrinter {
  const text = textPrinter(options);
  const { file, stepLines, screen, scenario } = options;
  return {
    begin: text.begin,
    step(report) {
      text.step(report);
      const { step, title, outcome, error = "", details = [] } = report;
      if (outcome !== "failed") return;
      const line = stepLines[step - 1];
      const place = [`file=${property(file)}`, ...(line === undefined ? [] : [`line=${line}`])];
      const name = scenario.name ?? "scenario";
      const heading = `title=${property(`${name}: step ${step}, ${title}`)}`;
      const message = [error, ...details.map((detail) => `- ${detail}`)].join("\n");
      screen.print(`::error ${[...place, heading].join(",")}::${escape(message)}`);
    },
    end: text.end,
  };
}

/** Escapes text in a command of GitHub Actions. */
function escape(text: string): string {
  const lines = text.split("\n").map((line) => oneLine(line, 2_000));
  return lines.join("\n").replaceAll("%", "%25").replaceAll("\n", "%0A");
}

/** Escapes a property in a command of GitHub Actions. */
function property(text: string): string {
  return escape(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}

function count(number: number, what: string): string {
  return number === 1 ? `1 ${what}` : `${number} ${what}s`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(3)} s`;
}
