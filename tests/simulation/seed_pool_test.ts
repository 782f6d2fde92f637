import assert from "node:assert/strict";
import { test } from "../testing/test.ts";
import { runSeeds } from "./seed_pool.ts";
import { runSeed } from "./seeds.ts";

test("Seeds that are simulated in two processes give the traces that they give in one", async () => {
  const seeds = [5, 2, 7];
  const days = 0.02;
  const pooled: [number, string][] = [];
  for await (const run of runSeeds(seeds.map((seed) => ({ seed, days })), 2)) {
    pooled.push([run.seed, run.result.sha256]);
    assert.ok(run.result.faults instanceof Map);
  }
  const alone: [number, string][] = [];
  for (const seed of seeds) alone.push([seed, (await runSeed(seed, days)).result.sha256]);
  assert.deepEqual(pooled, alone);
});
