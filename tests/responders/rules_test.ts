import assert from "node:assert/strict";
import { expiryOf } from "../../responders/rules.ts";
import { test } from "../testing/test.ts";

test("An expiry is a valid date, however long the service says that it waits", () => {
  assert.deepEqual(expiryOf(1000, 500), new Date(1500));
  for (const waitTimeoutMs of [2 ** 53 + 1, 2 ** 63, -(2 ** 63)]) {
    const expiry = expiryOf(Date.now(), waitTimeoutMs);
    assert.equal(Number.isNaN(expiry.getTime()), false);
    assert.equal(expiry.getTime() > Date.now(), waitTimeoutMs > 0);
  }
});
