import fc from "fast-check";
import assert from "node:assert/strict";
import { redact, secretsIn } from "../../wsclient/secrets.ts";
import { test } from "../testing/test.ts";
import { SAMPLES } from "./samples.ts";

test("Credentials and environment of a payload are found, and what identifies them is not", () => {
  assert.deepEqual(
    secretsIn(SAMPLES.PayloadMessage).sort(),
    [
      "made+up/session/token==",
      "made-up-password",
      "made/up+secret/access/key/0000000000000",
      '{"User":"node"}',
    ].sort(),
  );
  assert.deepEqual(secretsIn(SAMPLES.IAMRoleCredentialsMessage).sort(), [
    "made+up/session/token==",
    "made/up+secret/access/key/0000000000000",
  ]);
  assert.deepEqual(secretsIn(SAMPLES.TaskManifestMessage), []);
});

test("Short values, nulls and values of the wrong type are not taken for secrets", () => {
  assert.deepEqual(
    secretsIn({
      secretAccessKey: "1234567",
      sessionToken: 12345678,
      environment: { A: "short", B: null, C: { D: "not a value" } },
      dockerConfig: { config: null, hostConfig: "12345678", version: "a long version" },
    }),
    ["12345678"],
  );
  for (const value of [null, undefined, "a long text", 1, [], [null, "a long text"]]) {
    assert.deepEqual(secretsIn(value), []);
  }
});

test("Secrets are found at any depth, and in a structure that contains itself", () => {
  let deep: unknown = { sessionToken: "found at the bottom" };
  for (let level = 0; level < 100_000; level++) deep = level % 2 === 0 ? [deep] : { deep };
  assert.deepEqual(secretsIn(deep), ["found at the bottom"]);
  const loop: Record<string, unknown> = { sessionToken: "found in a loop" };
  loop["loop"] = [loop];
  assert.deepEqual(secretsIn(loop), ["found in a loop"]);
});

test("An error text keeps its words and loses every secret", () => {
  const secrets = secretsIn(SAMPLES.PayloadMessage);
  assert.equal(
    redact("cannot start app: login with made-up-password (made-up-password) failed", secrets),
    "cannot start app: login with [redacted] ([redacted]) failed",
  );
  assert.equal(redact("nothing to hide", secrets), "nothing to hide");
  assert.equal(redact("nothing known", []), "nothing known");
  assert.equal(redact("an empty secret", [""]), "an empty secret");
});

test("A secret inside JSON text is found in its escaped form", () => {
  const secret = 'multi\nline "quoted"';
  const text = `failed: ${JSON.stringify({ env: secret })}`;
  assert.equal(redact(text, [secret]), 'failed: {"env":"[redacted]"}');
});

test("Secrets that contain or overlap each other leave nothing behind", () => {
  assert.equal(redact("x abcdefghijkl y", ["abcdefgh", "efghijkl"]), "x [redacted] y");
  assert.equal(redact("x abcdefghijkl y", ["abcdefgh", "abcdefghijkl"]), "x [redacted] y");
  assert.equal(redact("x abcdefghijkl y", ["abcdefghijkl", "abcdefgh"]), "x [redacted] y");
  assert.equal(redact("x ababababab y", ["abababab"]), "x [redacted] y");
  assert.equal(redact("[redacted] redacted", ["redacted"]), "[[redacted]] [redacted]");
  const words = fc.string({ unit: fc.constantFrom("a", "b"), minLength: 8, maxLength: 12 });
  const property = fc.property(fc.array(words), fc.array(words), (secrets, others) => {
    const text = redact([...secrets, ...others].join(""), secrets);
    for (const secret of secrets) assert.ok(!text.includes(secret));
  });
  fc.assert(property);
});

test("A value of Docker's own environment is a secret by itself, not only within its configuration", () => {
  const config = JSON.stringify({ Env: ["DATABASE_PASSWORD=correct-horse-battery", "TERM=xterm"] });
  const secrets = secretsIn({ tasks: [{ containers: [{ dockerConfig: { config } }] }] });
  const told = redact("invalid env DATABASE_PASSWORD=correct-horse-battery", secrets);
  assert.equal(told, "invalid env DATABASE_PASSWORD=[redacted]");
});

test("A Docker configuration that is no JSON is a secret as a whole", () => {
  for (const config of ["not JSON at all", "[]", '"a text, quoted"', '{"Env":"none"}']) {
    assert.deepEqual(
      secretsIn({ dockerConfig: { config } }),
      [config].filter((c) => c.length >= 8),
    );
  }
});

test("A secret is found however often it was put into JSON", () => {
  let text = 'pass"word\\with\nall';
  const secrets = [text];
  for (let times = 0; times < 3; times++) {
    assert.ok(redact(`told: ${text}`, secrets).endsWith("[redacted]"), text);
    text = JSON.stringify(text).slice(1, -1);
  }
});
