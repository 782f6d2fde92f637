import fc from "fast-check";
import assert from "node:assert/strict";
import { describeError, toError } from "../../../internal/redaction/describe_error.ts";
import { ConnectError } from "../../../errors.ts";
import { test } from "../../testing/test.ts";

/** Throws on any access. */
const hostile = new Proxy({}, {
  get() {
    throw new Error("do not look");
  },
});

test("An error is described by name, code and message, and so are its causes", () => {
  const cause = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
  const error = new ConnectError("Cannot reach acs.example", { systemCode: "ECONNREFUSED", cause });
  assert.equal(
    describeError(error),
    "ConnectError (ACS-N02, ECONNREFUSED): Cannot reach acs.example <- " +
      "Error (ECONNREFUSED): connect ECONNREFUSED",
  );
});

test("A value that is not an error is described as text", () => {
  const described = ["text", 5, undefined, null, Symbol("s"), { toString: () => "custom" }]
    .map((thrown) => describeError(thrown));
  assert.deepEqual(described, ["text", "5", "undefined", "null", "Symbol(s)", "custom"]);
});

test("A cyclic or long chain of causes is cut off", () => {
  const error = new Error("round");
  error.cause = error;
  assert.equal(describeError(error), "Error: round");
  let chain = new Error("end");
  for (let length = 0; length < 100_000; length++) chain = new Error("link", { cause: chain });
  assert.equal(describeError(chain), Array(4).fill("Error: link").join(" <- "));
});

test("A description is one line without control characters, of bounded length", () => {
  assert.equal(describeError(new Error("a\nb\u001b[31m\tc")), "Error: a b [31m c");
  assert.equal(describeError(new Error("x".repeat(10_000))).length, 500);
});

test("Secrets are redacted, even in causes and across the cut", () => {
  const secret = "made/up+secret";
  const error = new Error(`failed on ${secret}`, { cause: new Error(JSON.stringify({ secret })) });
  assert.equal(
    describeError(error, [secret]),
    'Error: failed on [redacted] <- Error: {"secret":"[redacted]',
  );
  for (let length = 470; length < 500; length++) {
    const described = describeError(new Error("x".repeat(length) + secret), [secret]);
    assert.ok(!described.includes("made"), described);
  }
});

test("A secret with line breaks is redacted", () => {
  const secret = "-----BEGIN KEY-----\nabc\n-----END KEY-----";
  assert.equal(describeError(new Error(`bad: ${secret}`), [secret]), "Error: bad: [redacted]");
});

test("Whatever is thrown can be described and converted to an error", () => {
  const thrown = fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withNullPrototype: true,
    withObjectString: true,
    withSparseArray: true,
    withTypedArray: true,
  });
  fc.assert(fc.property(thrown, (value) => {
    assert.equal(typeof describeError(value), "string");
    assert.ok(toError(value) instanceof Error);
  }));
  for (const value of [Object.create(null), hostile, { toString: () => hostile }]) {
    assert.equal(describeError(value), "a value that cannot be printed");
    assert.equal(toError(value).message, "a value that cannot be printed");
    assert.equal(toError(value).cause, value);
  }
});

test("An error whose name, message or code is not a string can still be described", () => {
  for (
    const fields of [{ name: hostile }, { message: Symbol("s") }, { code: 5 }, { message: null }]
  ) {
    const error = Object.assign(new Error("text"), fields);
    assert.equal(typeof describeError(error), "string");
  }
  assert.equal(describeError(Object.assign(new Error("text"), { code: 5 })), "Error: text");
});

test("An error stays unchanged; anything else becomes one, with the value as its cause", () => {
  const error = new TypeError("x");
  assert.equal(toError(error), error);
  const made = toError("text");
  assert.equal(made.message, "text");
  assert.equal(made.cause, "text");
});
