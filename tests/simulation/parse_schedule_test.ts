import assert from "node:assert/strict";
import { test } from "../testing/test.ts";
import { ArgumentError } from "./arguments.ts";
import { parseSchedule } from "./parse_schedule.ts";
import { drawSchedule } from "./schedule.ts";
import { DAY_MS } from "./seeds.ts";

test("A schedule that was written after a failure can be read", () => {
  const options = {
    seed: 3,
    schedule: drawSchedule(3, DAY_MS, "hell"),
    forMs: DAY_MS,
    instances: 1,
  };
  assert.deepEqual(parseSchedule(JSON.stringify(options), "schedule.json"), options);
});

test("A file that is not a schedule is reported with what is wrong", () => {
  const wrong: readonly (readonly [value: string, what: RegExp])[] = [
    ["{", /^f\.json is not JSON/],
    ["null", /^f\.json is not a schedule/],
    ['{"seed":1,"forMs":1}', /^f\.json is not a schedule/],
    ['{"seed":1,"forMs":1,"schedule":[],"instances":6}', /instances must be a number from 1 to 5/],
    ['{"seed":1,"forMs":1,"schedule":[{"atMs":1,"work":"toString","pick":0}]}', /item 1/],
    ['{"seed":1,"forMs":1,"schedule":[{"atMs":1,"fault":"reset","forMs":0}]}', /item 1/],
  ];
  for (const [text, what] of wrong) {
    assert.throws(() => parseSchedule(text, "f.json"), (error: unknown) => {
      assert.ok(error instanceof ArgumentError, String(error));
      assert.match(error.message, what);
      return true;
    });
  }
});
