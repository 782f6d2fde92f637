import assert from "node:assert/strict";
import { test } from "../testing/test.ts";
import { hasHeld, runSeed } from "./seeds.ts";
import { faultTotals, tableHead, tableRow } from "./table.ts";

test("The table of seeds fits into a narrow terminal, and is whole in a pipe", async () => {
  const run = await runSeed(1, 0.01);
  for (const width of [80, 100, 132, 200]) {
    assert.ok(tableHead(width).length <= width, tableHead(width));
    assert.ok(tableRow(run, width).length <= width, tableRow(run, width));
    assert.ok(tableRow(run, width).includes(run.result.sha256.slice(0, 8)));
  }
  assert.match(tableHead(80), /^ +seed +level +(days +)?faults +recovery +ready +wrong.* sha256/);
  assert.equal(tableHead().length, tableRow(run).length);
  assert.ok(tableRow(run).endsWith(run.result.sha256));
  assert.equal(faultTotals([run.result.faults]), "none");
});

test("A simulation whose live memory grows does not hold", async () => {
  const { result } = await runSeed(1, 0.01);
  assert.ok(hasHeld(result));
  assert.ok(!hasHeld({ ...result, grownBytes: 64 * 2 ** 20 }));
});
