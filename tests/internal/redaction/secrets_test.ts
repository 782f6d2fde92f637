import fc from "fast-check";
import assert from "node:assert/strict";
import { redact } from "../../../internal/redaction/redact.ts";
import { type Secrets, secretsIn, withoutSecrets } from "../../../internal/redaction/secrets.ts";
import { COSTLY_MESSAGES } from "../../testing/costly_messages.ts";
import { test } from "../../testing/test.ts";
import { SAMPLES } from "../../protocol/samples.ts";

function sorted(secrets: Secrets): string[] {
  assert.ok(secrets !== "too many");
  return [...secrets].sort();
}

test("Credentials and environment of a payload are found, and what identifies them is not", () => {
  assert.deepEqual(
    sorted(secretsIn(SAMPLES.PayloadMessage)),
    [
      "made+up/session/token==",
      "made-up-password",
      "made/up+secret/access/key/0000000000000",
      '{"User":"node"}',
      "server.js",
      "uid=1000",
      "R1BVLTA=",
    ].sort(),
  );
  assert.deepEqual(sorted(secretsIn(SAMPLES.IAMRoleCredentialsMessage)), [
    "made+up/session/token==",
    "made/up+secret/access/key/0000000000000",
  ]);
  assert.deepEqual(secretsIn(SAMPLES.TaskManifestMessage), []);
});

test("Short values, nulls and values of the wrong type are not taken for secrets", () => {
  assert.deepEqual(
    sorted(secretsIn({
      secretAccessKey: "1234567",
      sessionToken: 12345678,
      environment: { A: "short", B: null, C: { D: "not a known type" } },
      dockerConfig: { config: null, hostConfig: "12345678", version: "a long version" },
    })),
    ["12345678", "not a known type"],
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

test("An error text keeps its words before the first secret", () => {
  const secrets = secretsIn(SAMPLES.PayloadMessage);
  assert.equal(
    redact("cannot start app: login with made-up-password (made-up-password) failed", secrets),
    "cannot start app: login with [redacted]",
  );
  assert.equal(redact("nothing to hide", secrets), "nothing to hide");
  assert.equal(redact("nothing known", []), "nothing known");
  assert.equal(redact("an empty secret", [""]), "an empty secret");
});

test("A secret inside JSON text is found in its escaped form", () => {
  const secret = 'multi\nline "quoted"';
  const text = `failed: ${JSON.stringify({ env: secret })}`;
  assert.equal(redact(text, [secret]), 'failed: {"env":"[redacted]');
});

test("Secrets that contain or overlap each other leave nothing behind", () => {
  assert.equal(redact("x abcdefghijkl y", ["abcdefgh", "efghijkl"]), "x [redacted]");
  assert.equal(redact("x abcdefghijkl y", ["abcdefgh", "abcdefghijkl"]), "x [redacted]");
  assert.equal(redact("x abcdefghijkl y", ["abcdefghijkl", "abcdefgh"]), "x [redacted]");
  assert.equal(redact("x ababababab y", ["abababab"]), "x [redacted]");
  assert.equal(redact("[redacted] redacted", ["redacted"]), "[[redacted]");
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
  assert.equal(told, "invalid env [redacted]");
  assert.equal(redact("login with correct-horse-battery", secrets), "login with [redacted]");
});

test("A Docker configuration that is no JSON is a secret as a whole", () => {
  for (const config of ["not JSON at all", "[]", '"a text, quoted"', '{"Env":"none"}']) {
    assert.deepEqual(
      secretsIn({ dockerConfig: { config } }),
      [config].filter((c) => c.length >= 8),
    );
  }
});

test("What stands in fields that nobody knows counts as secret, whatever it is", () => {
  const secrets = secretsIn({
    messageId: "no-secret-of-any-kind",
    tasks: [{ arn: "no-secret-either", registryAuth: { login: ["user:registry-password"] } }],
    newTokens: [["a-token-of-the-future"]],
  });
  assert.deepEqual(sorted(secrets), ["a-token-of-the-future", "user:registry-password"]);
});

test("A copy without secrets has all that identifies a message, and nothing of what is secret", () => {
  const message = {
    messageId: "m1",
    cluster: "default",
    tasks: [{
      arn: "task-1",
      cpu: 0.5,
      tokens: { a: 1 },
      roleCredentials: { credentialsId: "id", secretAccessKey: "short", sessionToken: null },
      containers: [{ name: "app", environment: { A: "b" }, dockerConfig: { config: "{}" } }, null],
    }],
  };
  assert.deepEqual(withoutSecrets(message), {
    messageId: "m1",
    cluster: "default",
    tasks: [{
      arn: "task-1",
      cpu: 0.5,
      tokens: "[redacted]",
      roleCredentials: {
        credentialsId: "id",
        secretAccessKey: "[redacted]",
        sessionToken: null,
      },
      containers: [
        { name: "app", environment: { A: "[redacted]" }, dockerConfig: { config: "[redacted]" } },
        null,
      ],
    }],
  });
  let deep: unknown = "secret";
  for (let level = 0; level < 100_000; level++) deep = [deep];
  assert.doesNotMatch(JSON.stringify(withoutSecrets({ tasks: deep })), /secret/);
});

test("A secret that stands in a JSON text is found without the text around it", () => {
  const hostConfig = JSON.stringify({
    LogConfig: { Config: { "splunk-token": "the-splunk-token" } },
  });
  const overrides = JSON.stringify({ environment: { PASSWORD: "the-override" } });
  const secrets = secretsIn({ containers: [{ overrides, dockerConfig: { hostConfig } }] });
  const told = redact("splunk: the-splunk-token, the-override", secrets);
  assert.equal(told, "splunk: [redacted]");
});

test("A secret is found in base64, wherever in the encoded text it begins", () => {
  const secret = "sälty+secret/key?";
  for (const before of ["", "a", "ab", "abc", '{"username":"me","password":"']) {
    const bytes = new TextEncoder().encode(`${before}${secret}"} and more`);
    const text = btoa(String.fromCharCode(...bytes));
    for (const written of [text, text.replaceAll("+", "-").replaceAll("/", "_")]) {
      const told = redact(`X-Registry-Auth: ${written}`, [secret]);
      // What is kept of it is what shares a group of base64 with what stands before.
      const kept = Math.ceil(new TextEncoder().encode(before).length / 3) * 4;
      const start = `X-Registry-Auth: ${written.slice(0, kept)}`;
      assert.ok(start.startsWith(told.slice(0, -"[redacted]".length)), told);
      assert.ok(told.endsWith("[redacted]") && told.startsWith("X-Registry-Auth: "), told);
    }
  }
});

test("A secret is found as URLs and HTML write it", () => {
  const secret = "schlüssel & <wort> + 100%41";
  for (
    const text of [
      encodeURIComponent(secret),
      encodeURIComponent(encodeURIComponent(secret)),
      new URLSearchParams({ a: secret }).toString().slice(2),
      secret.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;"),
      secret.replaceAll("&", "&#38;").replaceAll("<", "&#x3C;"),
      encodeURIComponent(JSON.stringify(secret)).replaceAll("%22", ""),
    ]
  ) {
    assert.equal(redact(`(${text})`, [secret]), "([redacted]", text);
  }
});

test("A secret of any size is taken out, whatever it consists of", () => {
  for (const unit of ["-", "x", "a\n", "%41", "ü"]) {
    const secret = unit.repeat(4_000_000 / unit.length);
    assert.equal(
      redact(`Error: cannot take ${secret}`, [secret]),
      "Error: cannot take [redacted]",
    );
  }
});

test("Of a message with too many secrets to search for no text is reported", () => {
  const many = Array.from({ length: 10_001 }, (_, index) => `secret-value-${index}`);
  assert.equal(redact("secret-value-1", many), "[redacted: too many secrets to search for]");
  const told = redact(many.join(), many.slice(0, 1_000));
  assert.doesNotMatch(told, /secret-value/);
});

test("Of a text that is cut, the start of a secret is not told either", () => {
  const secret = "0123456789".repeat(10);
  for (const overhang of [1, 5, 8, 50, 99]) {
    const text = `${"x".repeat(16_384 - overhang)}${secret} and more`;
    assert.doesNotMatch(redact(text, [secret]), /012/);
  }
});

test("Whatever a text is escaped by, no secret of it is left", () => {
  const secrets = fc.array(fc.string({ unit: "binary", minLength: 8, maxLength: 20 }), {
    minLength: 1,
    maxLength: 4,
  });
  const escapes = [
    (text: string) => text,
    (text: string) => JSON.stringify(text),
    (text: string) => JSON.stringify(JSON.stringify({ text })),
    (text: string) => encodeURIComponent(text.toWellFormed()),
  ];
  fc.assert(fc.property(secrets, fc.constantFrom(...escapes), (secrets, escape) => {
    const told = redact(escape(secrets.join(" ")), secrets);
    for (const secret of secrets) {
      assert.ok(!told.includes(escape(secret).replace(/^"+|"+$/g, "")), told);
    }
  }));
});

test("A secret is found however often it was put into JSON", () => {
  let text = 'pass"word\\with\nall';
  const secrets = [text];
  for (let times = 0; times < 3; times++) {
    assert.ok(redact(`told: ${text}`, secrets).endsWith("[redacted]"), text);
    text = JSON.stringify(text).slice(1, -1);
  }
});

test("A message of any size and content has a bounded number of secrets of bounded length", () => {
  for (const { name, make } of COSTLY_MESSAGES) {
    const { message } = JSON.parse(make(50_000, "m1"));
    const secrets = secretsIn(message);
    if (secrets === "too many") continue;
    assert.ok(secrets.length <= 10_000, name);
    for (const secret of secrets) assert.ok(secret.length <= 1_024, name);
  }
  assert.equal(secretsIn({ environment: { A: "a=".repeat(80_000) } }), "too many");
  assert.equal(secretsIn({ future: Array(200_001).fill(0) }), "too many");
  assert.equal(secretsIn({ config: `[${"0,".repeat(300_000)}0]` }), "too many");
});

test("Secrets that begin with the same 64 characters are all found", () => {
  const start = "s".repeat(64);
  const secrets = [`${start}one`, `${start}two`, start];
  for (const secret of secrets) assert.equal(redact(`a ${secret} b`, secrets), "a [redacted]");
  assert.equal(redact(`a ${start.slice(1)} b`, secrets), `a ${start.slice(1)} b`);
});

test("A secret is found behind characters that make an escape with its first ones", () => {
  for (const secret of ["41-secret-value", "u0041-secret-value", "amp;-secret-value"]) {
    for (const before of ["%", "\\", "&", "\\\\u00"]) {
      assert.doesNotMatch(redact(`${before}${secret}`, [secret]), /secret/);
    }
  }
});
