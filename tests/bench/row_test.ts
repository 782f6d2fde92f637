import assert from "node:assert/strict";
import { isMet, isNear, rowOf } from "../../bench/row.ts";
import { test } from "../testing/test.ts";

const HEAD = { what: "payloads", runtime: "Deno", unit: "messages/s", goals: [] } as const;

test("A row has the median of the rounds' ratios, not the ratio of the medians", () => {
  const row = rowOf(HEAD, [
    { session: 10, bare: 10 },
    { session: 30, bare: 20 },
    { session: 80, bare: 100 },
  ]);
  assert.equal(row.session, 30);
  assert.equal(row.bare, 20);
  assert.equal(row.ratio, 1);
});

test("A row without a bare loop has no ratio", () => {
  const row = rowOf(HEAD, [{ session: 1 }, { session: 2 }]);
  assert.equal(row.session, 1.5);
  assert.equal(row.ratio, undefined);
});

test("A goal is met at its limit and missed if its number is missing", () => {
  const row = rowOf(HEAD, [{ session: 9, bare: 10 }]);
  assert.ok(isMet({ of: "ratio", is: "at least", limit: 0.9 }, row));
  assert.ok(!isMet({ of: "session", is: "at most", limit: 8 }, row));
  const alone = rowOf(HEAD, [{ session: 9 }]);
  assert.ok(!isMet({ of: "ratio", is: "at most", limit: 2 }, alone));
});

test("A goal that is missed by less than the interquartile range is near", () => {
  const row = rowOf(HEAD, [8, 9, 10, 11].map((session) => ({ session, bare: 10 })));
  assert.deepEqual(row.quartiles, { lower: 0.9, upper: 1.1 });
  assert.ok(isNear({ of: "ratio", is: "at least", limit: 1 }, row));
  assert.ok(!isNear({ of: "ratio", is: "at least", limit: 1.2 }, row));
  // The quartiles are those of the ratio, not of the session's own number.
  assert.ok(!isNear({ of: "session", is: "at least", limit: 10 }, row));
});
