import assert from "node:assert/strict";
import { test } from "../../testing/test.ts";
import { runSeed } from "../seeds.ts";
import { findMutant, MAX_MUTANT_CPU_MS } from "./find_mutant.ts";
import { MUTANTS } from "./mutants.ts";

test("The seeds that find the mutants find nothing wrong with the session itself", async () => {
  for (const seed of new Set(MUTANTS.map((mutant) => mutant.seed))) {
    const { result: { broken } } = await runSeed(seed, 1, { level: "hell" });
    assert.equal(broken, undefined, `seed ${seed}`);
  }
});

test("A simulation finds every mutant of the session", async () => {
  assert.ok(MUTANTS.length >= 25);
  const missed: string[] = [];
  for (const mutant of MUTANTS) {
    if (await findMutant(mutant, MAX_MUTANT_CPU_MS) === undefined) missed.push(mutant.mistake);
  }
  assert.deepEqual(missed, []);
});

test("A mutant whose file has changed is reported, and not simulated", async () => {
  const mutant = {
    mistake: "a mistake in a line that is not there",
    file: "session/timing.ts",
    find: "there is no such line",
    replace: "",
    seed: 1,
  };
  await assert.rejects(findMutant(mutant, 1), /does not fit session\/timing\.ts any more/);
});
