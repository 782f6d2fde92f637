import assert from "node:assert/strict";
import { test } from "../testing/test.ts";
import { runSeed } from "./seeds.ts";

for (const level of ["calm", "rough", "hell"] as const) {
  test(`Every sentence holds for two days of a ${level} life`, async () => {
    const { result } = await runSeed(20, 2, { level });
    assert.equal(result.broken, undefined);
    assert.ok(result.messages > 3_000, `${result.messages} messages`);
    assert.ok(level === "calm" || result.connects > 150, `${result.connects} connects`);
  });
}
