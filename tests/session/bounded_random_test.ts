import assert from "node:assert/strict";
import { boundedRandom } from "../../session/bounded_random.ts";
import { withCapturedLog } from "../testing/fakes/captured_log.ts";
import { withSession } from "../testing/fakes/session_stage.ts";
import { test } from "../testing/test.ts";

const BAD_SOURCES: readonly { what: string; random: () => number; logged: RegExp }[] = [
  { what: "NaN", random: () => NaN, logged: /random returned NaN/ },
  { what: "a negative number", random: () => -5, logged: /random returned -5/ },
  { what: "a number above 1", random: () => 1e9, logged: /random returned 1000000000/ },
  { what: "infinity", random: () => Infinity, logged: /random returned Infinity/ },
  { what: "nothing", random: () => JSON.parse("null"), logged: /random returned object/ },
  {
    what: "an error",
    random: () => {
      throw new Error("no entropy");
    },
    logged: /random threw Error: no entropy/,
  },
];

for (const { what, random, logged } of BAD_SOURCES) {
  test(`A random source that returns ${what} is logged once, and delays and limits still hold`, () =>
    withCapturedLog((log) =>
      withSession({ random }, async (stage) => {
        stage.start();
        const connection = await stage.connected(1);
        await stage.time.advance(59_999);
        assert.equal(connection.left, undefined);
        await stage.time.advance(60_001);
        assert.notEqual(connection.left, undefined, "the idle timeout holds");
        const delayMs = await stage.waited(1);
        assert.ok(delayMs >= 250 && delayMs <= 300, `${delayMs}`);
        const lines = log.text().split("\n").filter((line) => line.includes("option random"));
        assert.equal(lines.length, 1);
        assert.match(lines[0] ?? "", logged);
      })
    ));
}

test("Values from 0 to 1 are used unchanged", () => {
  for (const draw of [0, 0.25, 1]) assert.equal(boundedRandom(() => draw)(), draw);
  assert.equal(boundedRandom(Math.random), Math.random);
});
