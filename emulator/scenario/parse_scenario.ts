/**
 * Reads a scenario's file.
 *
 * @module
 */

import { checkScenario } from "./check_scenario.ts";
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
  // Editors on Windows write a byte order mark.
  const content = text.replace(/^\uFEFF/, "");
  return name.endsWith(".jsonl") ? parseLines(content, name) : parseWhole(content, name);
}

function parseWhole(text: string, name: string): Scenario {
  const result = parseJson(text);
  if ("value" in result) return checkScenario(result.value, { name });
  throw new ScenarioError([{ line: result.line, text: result.problem }], name);
}

function parseLines(text: string, name: string): Scenario {
  const lines = text.split("\n")
    .map((content, index) => ({ content: content.trim(), line: index + 1 }))
    .filter(({ content }) => content !== "");
  const values: unknown[] = [];
  for (const { content, line } of lines) {
    const result = parseJson(content);
    if (!("value" in result)) throw new ScenarioError([{ line, text: result.problem }], name);
    values.push(result.value);
  }
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

type Parsed = { readonly value: unknown } | { readonly problem: string; readonly line: number };

function parseJson(text: string): Parsed {
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    const words = error instanceof Error ? error.message : "";
    const position = Number(/at position (\d+)/.exec(words)?.[1] ?? text.length);
    const line = text.slice(0, position).split("\n").length;
    // The engine's message would quote the text; the line number is enough.
    return { problem: "is not JSON from here on", line };
  }
}
