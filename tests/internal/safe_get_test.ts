import assert from "node:assert/strict";
import { runInNewContext } from "node:vm";
import { hasName, isError } from "../../internal/safe_get.ts";
import { test } from "../testing/test.ts";

test("Errors from another realm, such as a test runner's sandbox, are errors", () => {
  const foreign: unknown = runInNewContext("new TypeError('fetch failed')");
  assert.equal(foreign instanceof Error, false);
  assert.equal(isError(foreign), true);
  assert.equal(hasName(foreign, "TypeError"), true);
});

test("Aborts are errors, and an object that merely has a message is not", () => {
  assert.equal(isError(new DOMException("Aborted", "AbortError")), true);
  for (const value of [undefined, null, "Error", {}, { message: "no" }, () => {}]) {
    assert.equal(isError(value), false);
  }
});

test("A proxy that throws on access is not an error and has no name", () => {
  const { proxy, revoke } = Proxy.revocable(new Error("no"), {});
  revoke();
  assert.equal(isError(proxy), false);
  assert.equal(hasName(proxy, "Error"), false);
});
