import assert from "node:assert/strict";
import { redirectOrigin } from "../../internal/redirect_origin.ts";
import { test } from "../testing/test.ts";

test("The origin of a redirect is shown without the path and the query, which may contain secrets", () => {
  const location = "https://user:pass@login.example:8443/sso?next=SECRET#x";
  assert.equal(redirectOrigin("https://ecs.example/", location), "https://login.example:8443");
});

test("A relative redirect points to the same host", () => {
  assert.equal(redirectOrigin("https://ecs.example/", "/login"), "https://ecs.example");
});

for (const location of [null, undefined, "http://", "javascript:alert(1)", "file:///etc/passwd"]) {
  test(`A Location of ${location} has no origin`, () => {
    assert.equal(redirectOrigin("https://ecs.example/", location), undefined);
  });
}
