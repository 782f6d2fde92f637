import assert from "node:assert/strict";
import { test } from "../testing/test.ts";
import { runSeed } from "./seeds.ts";

for (const level of ["calm", "rough", "hell"] as const) {
  test(`Every invariant holds for a day of a ${level} life`, async () => {
    const { result } = await runSeed(20, 1, { level });
    assert.equal(result.broken, undefined);
    assert.ok(result.messages > 1_400, `${result.messages} messages`);
    assert.ok(level === "calm" || result.connects > 55, `${result.connects} connects`);
  });
}

test("A connection that was heard until its end is not counted as silent, even if answers were lost", async () => {
  const { result } = await runSeed(14, 1.6, { level: "hell" });
  assert.equal(result.broken, undefined);
});
