import assert from "node:assert/strict";
import { redactBody } from "../../../internal/redaction/redact_body.ts";
import { test } from "../../testing/test.ts";

test("A refusal is reported without credentials of any kind, up to the first secret", () => {
  const body =
    "Proxy-Authorization: Basic dXNlcjpwYXNz, see http://user:pass@proxy.example/ for key-12345";
  assert.equal(
    redactBody(502, body, ["key-12345"]),
    "Proxy-Authorization: Basic [redacted], see http://[redacted]@proxy.example/ for [redacted]",
  );
  assert.equal(
    redactBody(403, "authorization: bearer a.b-c_d=", []),
    "authorization: bearer [redacted]",
  );
  assert.equal(redactBody(500, "a basic page", []), "a basic [redacted]");
  assert.equal(redactBody(500, "<html>no</html>", []), "<html>no</html>");
});

test("For a proxy that demands a login, a fixed text is reported", () => {
  assert.match(redactBody(407, "you sent dXNlcjpwYXNz", []), /^a proxy demands a login/);
});
