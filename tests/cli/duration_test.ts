import assert from "node:assert/strict";
import { formatDuration, parseDuration } from "../../cli/duration.ts";
import { test } from "../testing/test.ts";

test("Durations are formatted in the units that matter", () => {
  const expected: Readonly<Record<number, string>> = {
    0: "0 ms",
    88: "88 ms",
    2_250: "2.2 s",
    3_000: "3 s",
    14_400: "14 s",
    60_000: "1 min",
    154_000: "2 min 34 s",
    18_720_000: "5 h 12 min",
    273_600_000: "3 d 4 h",
  };
  for (const [ms, text] of Object.entries(expected)) assert.equal(formatDuration(Number(ms)), text);
});

test("Durations are parsed with a unit, and refused without", () => {
  assert.equal(parseDuration("500ms"), 500);
  assert.equal(parseDuration("30s"), 30_000);
  assert.equal(parseDuration("1.5s"), 1_500);
  assert.equal(parseDuration("2min"), 120_000);
  assert.equal(parseDuration("2m"), 120_000);
  assert.equal(parseDuration("1h"), 3_600_000);
  for (const text of ["", "30", "s", "-1s", "0s", "1e9h", "soon"]) {
    assert.throws(() => parseDuration(text), /must be a duration such as 500ms/);
  }
});
