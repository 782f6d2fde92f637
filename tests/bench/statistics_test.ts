import assert from "node:assert/strict";
import { median, quantile } from "../../bench/statistics.ts";
import { test } from "../testing/test.ts";

test("The median is the middle value, or the mean of the two middle values", () => {
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([4, 1, 3, 2]), 2.5);
  assert.equal(median([]), NaN);
});

test("A quantile is one of the values, at most the largest", () => {
  const values = Array.from({ length: 100 }, (_, index) => 100 - index);
  assert.equal(quantile(values, 0.5), 51);
  assert.equal(quantile(values, 0.99), 100);
  assert.equal(quantile([7], 1), 7);
  assert.equal(quantile([], 0.5), NaN);
});
