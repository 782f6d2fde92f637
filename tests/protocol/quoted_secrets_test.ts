import assert from "node:assert/strict";
import { hideQuotes, QuotedSecrets } from "../../protocol/quoted_secrets.ts";
import { test } from "../testing/test.ts";

/** Credentials with a secret of a few thousand characters. */
function credentials(number: number): unknown {
  const secretAccessKey = Array.from({ length: 9 }, (_, each) => `secret-${number}-${each}-`);
  return { roleCredentials: secretAccessKey.map((part) => ({ secretAccessKey: part.repeat(60) })) };
}

test("The secrets of many messages take bounded memory: those of the oldest are forgotten", () => {
  const quoted = new QuotedSecrets(1_000_000);
  for (let number = 0; number < 3_000; number++) quoted.of(`m-${number}`, [credentials(number)]);

  assert.equal(quoted.has("m-0"), false);
  assert.equal(quoted.has("m-2999"), true);
});

test("At most the given number of messages is remembered, even if one is resent", () => {
  const quoted = new QuotedSecrets(2);
  for (const id of ["a", "b", "a", "c"]) quoted.of(id, [credentials(1)]);

  assert.deepEqual(["a", "b", "c"].map((id) => quoted.has(id)), [true, false, true]);
});

test("The end of a long reason is hidden, because a secret in it would take long to find", () => {
  const secret = "planted-secret";
  const shown = hideQuotes(`no ${secret} ${"-".repeat(2 ** 20)}${secret}`, [secret]);

  assert.match(shown, /^no x{14} -+x+$/);
  assert.equal(shown.length, 18 + 2 ** 20 + secret.length);
  assert.ok(shown.indexOf("xx", 20) < 16_384);
});
