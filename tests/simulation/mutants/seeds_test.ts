import assert from "node:assert/strict";
import { test } from "../../testing/test.ts";
import { missedOf } from "./find_mutant.ts";
import { MUTANTS } from "./mutants.ts";

test("Seeds find every mutant of the session that has no schedule", async () => {
  const mutants = MUTANTS.filter(({ schedule }) => schedule === undefined);
  assert.ok(mutants.length >= 25);
  assert.deepEqual(await missedOf(mutants), []);
});
