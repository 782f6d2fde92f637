import assert from "node:assert/strict";
import { checkNumber, MAX_TIMER_MS } from "../../internal/number_option.ts";
import { test } from "../testing/test.ts";

test("A number within its range is returned unchanged", () => {
  assert.equal(checkNumber("limits.maxFrameSize", 5, { min: 1, max: 5, integer: true }), 5);
  assert.equal(checkNumber("timing.idleTimeoutMs", 0.5), 0.5);
  assert.equal(checkNumber("timing.idleTimeoutMs", MAX_TIMER_MS), MAX_TIMER_MS);
});

test("Anything else is refused with the option's name, its range and the value", () => {
  const refused: readonly (readonly [unknown, RegExp])[] = [
    [0, /^RangeError: limits\.x must be a whole number from 1 to 10: current value is 0$/],
    [11, /current value is 11$/],
    [1.5, /current value is 1\.5$/],
    [NaN, /current value is NaN$/],
    [-Infinity, /current value is -Infinity$/],
    ["5", /current value is of type string$/],
    [undefined, /current value is of type undefined$/],
    [5n, /current value is of type bigint$/],
  ];
  for (const [value, words] of refused) {
    assert.throws(
      () => checkNumber("limits.x", value, { min: 1, max: 10, integer: true }),
      (error) => words.test(String(error)),
    );
  }
});
