/**
 * Reads a scenario's file.
 *
 * @module
 */

import { checkScenario } from "./check_scenario.ts";
import { findJsonProblem, placesOfEntries } from "./json_places.ts";
import type { Scenario } from "./scenario.ts";
import { ScenarioError } from "./scenario_error.ts";

/**
 * Reads a scenario: one JSON object; or, if the name ends in `.jsonl`, one JSON object on each
 * line, the head first and then the steps. Empty lines are ignored.
 *
 * @param text The file's text.
 * @param name The file's name, also used in errors.
 * @returns The scenario.
 * @throws {ScenarioError} If it cannot be read, naming line, step and field.
 *
 * @example
 * ```ts
 * import { parseScenario } from "@acs/session/emulator";
 *
 * const scenario = parseScenario('{ "steps": [{ "expect": "connected" }] }', "connect.json");
 * ```
 */
export function parseScenario(text: string, name: string): Scenario {
  const content = withoutMark(text);
  return name.endsWith(".jsonl") ? parseLines(content, name) : parseWhole(content, name);
}

/**
 * The line of each step in a scenario's file, from 1.
 *
 * @param text The file's text.
 * @param name The file's name.
 */
export function scenarioStepLines(text: string, name: string): readonly number[] {
  const content = withoutMark(text);
  if (!name.endsWith(".jsonl")) {
    return placesOfEntries(content, "steps").map(({ line }) => line);
  }
  const [, ...steps] = filledLines(content);
  return steps.map(({ line }) => line);
}

/** Editors on Windows write a byte order mark. */
function withoutMark(text: string): string {
  return text.replace(/^\uFEFF/, "");
}

function parseWhole(text: string, name: string): Scenario {
  const steps = placesOfEntries(text, "steps").map(({ line }) => line);
  const value = parseJson(text, name, 0);
  return checkScenario(value, { name, lines: { head: undefined, steps } });
}

function parseLines(text: string, name: string): Scenario {
  const lines = filledLines(text);
  const values = lines.map(({ content, line }) => parseJson(content, name, line - 1));
  const [head, ...steps] = values;
  const [headLine, ...stepLines] = lines.map(({ line }) => line);
  if (head === undefined || headLine === undefined) {
    throw new ScenarioError([{ text: "the file is empty" }], name);
  }
  if (typeof head !== "object" || head === null || "steps" in head) {
    throw new ScenarioError([{
      line: headLine,
      text: "expected the head without steps: they follow, one on each line",
    }], name);
  }
  return checkScenario({ ...head, steps }, { name, lines: { head: headLine, steps: stepLines } });
}

/** The lines that are not empty. */
function filledLines(text: string): { readonly content: string; readonly line: number }[] {
  return text.split("\n")
    .map((content, index) => ({ content: content.trimEnd(), line: index + 1 }))
    .filter(({ content }) => content.trim() !== "");
}

/**
 * Parses a file, or one of its lines.
 *
 * @param linesBefore How many lines of the file precede the text.
 * @throws {ScenarioError} If it is not JSON; the message names the place, and quotes at most one
 * character.
 */
function parseJson(text: string, name: string, linesBefore: number): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const problem = findJsonProblem(text);
    if (problem === undefined) throw error;
    const { line, column, text: what } = problem;
    throw new ScenarioError([{
      line: linesBefore + line,
      text: `column ${column}: not JSON: ${what}`,
    }], name);
  }
}
