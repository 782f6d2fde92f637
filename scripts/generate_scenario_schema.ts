/**
 * Writes examples/scenarios/scenario.schema.json: run it after changing the operations of the emulator
 * or the steps of scenarios.
 *
 * @module
 */

import { join } from "node:path";
import { scenarioSchema } from "./scenario_schema.ts";
import { ROOT } from "./npm/deno_config.ts";
import { run } from "./npm/command.ts";

/** Writes the schema. */
export async function generateScenarioSchema(
  path: string = join(ROOT, "examples", "scenarios", "scenario.schema.json"),
): Promise<void> {
  await Deno.writeTextFile(path, `${JSON.stringify(scenarioSchema(), null, 2)}\n`);
  await run("deno", ["fmt", "--quiet", path], { cwd: ROOT });
}

if (import.meta.main) await generateScenarioSchema();
