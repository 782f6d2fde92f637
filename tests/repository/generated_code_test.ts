/** The generated code in the repository is what its generators write. */

import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { ROOT } from "../../scripts/npm/deno_config.ts";
import { generateApiInputs } from "../../scripts/generate_api_inputs.ts";
import { generateConsole } from "../../scripts/generate_console.ts";
import { generateScenarioSchema } from "../../scripts/generate_scenario_schema.ts";
import { generateFieldChecks } from "../../scripts/generate_field_checks.ts";
import { test } from "../testing/test.ts";

for (
  const [file, task, generate] of [
    ["protocol/field_checks.gen.ts", "generate:checks", generateFieldChecks],
    ["emulator/api/api_inputs.gen.ts", "generate:api", generateApiInputs],
    ["emulator/console/console_files.gen.ts", "generate:console", generateConsole],
    [
      "examples/scenarios/scenario.schema.json",
      "generate:scenario-schema",
      generateScenarioSchema,
    ],
  ] as const
) {
  test(`${file} is what \`deno task ${task}\` writes`, async () => {
    const directory = await mkdtemp(join(tmpdir(), "acs-generated-"));
    try {
      const path = join(directory, basename(file));
      await generate(path);
      assert.equal(
        await readFile(join(ROOT, file), "utf8"),
        await readFile(path, "utf8"),
        `run \`deno task ${task}\``,
      );
    } finally {
      await rm(directory, { recursive: true });
    }
  });
}
