import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { Ajv } from "ajv";
import { scenarioSchema } from "../../scripts/scenario_schema.ts";
import { parseScenario } from "../../emulator/mod.ts";
import { test } from "../testing/test.ts";

const EXAMPLES = new URL("../../examples/scenarios/", import.meta.url);

const validate = new Ajv({ strict: true, allowUnionTypes: true }).compile({ ...scenarioSchema() });

test("The schema accepts the example scenarios", async () => {
  const names = (await readdir(EXAMPLES)).filter((name) =>
    name.endsWith(".json") && !name.endsWith(".schema.json")
  );
  assert.ok(names.length >= 2);
  for (const name of names) {
    const scenario: unknown = JSON.parse(await readFile(new URL(name, EXAMPLES), "utf8"));
    assert.ok(validate(scenario), `${name}: ${JSON.stringify(validate.errors)}`);
  }
});

const STEP = { expect: "connected" };

for (
  const [what, scenario] of [
    ["a misspelled field of the head", { step: [STEP], steps: [STEP] }],
    ["no steps", { steps: [] }],
    ["an unknown event", { steps: [{ expect: "conected" }] }],
    ["an unknown operation", { steps: [{ do: "run-taks" }] }],
    ["a misspelled input of an operation", {
      steps: [{ do: "stop-task", with: { taskAnr: "a" } }],
    }],
    ["a misspelled field of a step", { steps: [{ pause: 1, tite: "x" }] }],
    ["an unknown option of the emulator", { emulator: { heartbeat: 1 }, steps: [STEP] }],
    ["two kinds of step in one", { steps: [{ pause: 1, do: "state" }] }],
  ] as const
) {
  test(`The schema refuses ${what}, as the emulator does`, () => {
    assert.equal(validate(scenario), false);
    assert.throws(() => parseScenario(JSON.stringify(scenario), "s.json"));
  });
}

test("A scenario may name its schema", () => {
  const text = JSON.stringify({ $schema: "./scenario.schema.json", steps: [STEP] });
  assert.deepEqual(parseScenario(text, "s.json"), { steps: [STEP] });
  assert.ok(validate(JSON.parse(text)));
});
