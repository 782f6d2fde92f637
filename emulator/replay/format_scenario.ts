/**
 * Writes a scenario's file.
 *
 * @module
 */

import type { Scenario } from "../scenario/scenario.ts";

/**
 * Writes a scenario as JSON, with one step on each line.
 *
 * @param scenario The scenario.
 */
export function formatScenario({ steps, ...head }: Scenario): string {
  const fields = Object.entries(head).filter(([, value]) => value !== undefined)
    .map(([name, value]) => `  ${JSON.stringify(name)}: ${JSON.stringify(value)},\n`);
  const lines = steps.map((step) => `    ${JSON.stringify(step)}`);
  return `{\n${fields.join("")}  "steps": [\n${lines.join(",\n")}\n  ]\n}\n`;
}
