import fc from "fast-check";
import assert from "node:assert/strict";
import { redact } from "../../internal/redaction/redact.ts";
import { secretsIn, withoutSecrets } from "../../protocol/secrets.ts";
import type { Secrets } from "../../internal/redaction/secrets.ts";
import { COSTLY_MESSAGES } from "../testing/hostile/costly_messages.ts";
import { test } from "../testing/test.ts";
import { SAMPLES } from "./samples.ts";

function sorted(secrets: Secrets): string[] {
  assert.ok(secrets !== "too many");
  return [...secrets].sort();
}

test("Credentials and environment variables of a payload are found, and identifying fields are not", () => {
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

test("Short values, nulls and values of the wrong type are not treated as secrets", () => {
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

test("The text of an error is kept up to the first secret", () => {
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

test("Secrets that contain or overlap each other are redacted completely", () => {
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

test("A value in Docker's own environment is a secret by itself, not only within its configuration", () => {
  const config = JSON.stringify({ Env: ["DATABASE_PASSWORD=correct-horse-battery", "TERM=xterm"] });
  const secrets = secretsIn({ tasks: [{ containers: [{ dockerConfig: { config } }] }] });
  const redacted = redact("invalid env DATABASE_PASSWORD=correct-horse-battery", secrets);
  assert.equal(redacted, "invalid env [redacted]");
  assert.equal(redact("login with correct-horse-battery", secrets), "login with [redacted]");
});

test("A Docker configuration that is not JSON is a secret as a whole", () => {
  for (const config of ["not JSON at all", "[]", '"a text, quoted"', '{"Env":"none"}']) {
    assert.deepEqual(
      secretsIn({ dockerConfig: { config } }),
      [config].filter((c) => c.length >= 8),
    );
  }
});

test("Unknown fields count as secret, whatever they contain", () => {
  const secrets = secretsIn({
    messageId: "no-secret-of-any-kind",
    tasks: [{ arn: "no-secret-either", registryAuth: { login: ["user:registry-password"] } }],
    newTokens: [["a-token-of-the-future"]],
  });
  assert.deepEqual(sorted(secrets), ["a-token-of-the-future", "user:registry-password"]);
});

test("A copy without secrets has everything that identifies a message, and nothing secret", () => {
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

test("A secret in a JSON text is found without the text around it", () => {
  const hostConfig = JSON.stringify({
    LogConfig: { Config: { "splunk-token": "the-splunk-token" } },
  });
  const overrides = JSON.stringify({ environment: { PASSWORD: "the-override" } });
  const secrets = secretsIn({ containers: [{ overrides, dockerConfig: { hostConfig } }] });
  const redacted = redact("splunk: the-splunk-token, the-override", secrets);
  assert.equal(redacted, "splunk: [redacted]");
});

test("A secret is found in base64, wherever it begins in the encoded text", () => {
  const secret = "sälty+secret/key?";
  for (const before of ["", "a", "ab", "abc", '{"username":"me","password":"']) {
    const bytes = new TextEncoder().encode(`${before}${secret}"} and more`);
    const text = btoa(String.fromCharCode(...bytes));
    for (const written of [text, text.replaceAll("+", "-").replaceAll("/", "_")]) {
      const redacted = redact(`X-Registry-Auth: ${written}`, [secret]);
      // The part kept shares a base64 group with the text before.
      const kept = Math.ceil(new TextEncoder().encode(before).length / 3) * 4;
      const start = `X-Registry-Auth: ${written.slice(0, kept)}`;
      assert.ok(start.startsWith(redacted.slice(0, -"[redacted]".length)), redacted);
      assert.ok(
        redacted.endsWith("[redacted]") && redacted.startsWith("X-Registry-Auth: "),
        redacted,
      );
    }
  }
});

test("A secret is found as encoded in URLs and HTML", () => {
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

test("A secret of any size is redacted, whatever it consists of", () => {
  for (const unit of ["-", "x", "a\n", "%41", "ü"]) {
    const secret = unit.repeat(4_000_000 / unit.length);
    assert.equal(
      redact(`Error: cannot handle ${secret}`, [secret]),
      "Error: cannot handle [redacted]",
    );
  }
});

test("If a message has too many secrets to search for, no text is reported", () => {
  const many = Array.from({ length: 10_001 }, (_, index) => `secret-value-${index}`);
  assert.equal(redact("secret-value-1", many), "[redacted: too many secrets to search for]");
  const redacted = redact(many.join(), many.slice(0, 1_000));
  assert.doesNotMatch(redacted, /secret-value/);
});

test("If a text is truncated, the start of a secret is not reported, either", () => {
  const secret = "0123456789".repeat(10);
  for (const overhang of [1, 5, 8, 50, 99]) {
    const text = `${"x".repeat(16_384 - overhang)}${secret} and more`;
    assert.doesNotMatch(redact(text, [secret]), /012/);
  }
});

test("Whatever escaping a text uses, no secret remains in it", () => {
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
    const redacted = redact(escape(secrets.join(" ")), secrets);
    for (const secret of secrets) {
      assert.ok(!redacted.includes(escape(secret).replace(/^"+|"+$/g, "")), redacted);
    }
  }));
});

test("A secret is found however many times it was encoded as JSON", () => {
  let text = 'pass"word\\with\nall';
  const secrets = [text];
  for (let times = 0; times < 3; times++) {
    assert.ok(redact(`quoted: ${text}`, secrets).endsWith("[redacted]"), text);
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

test("A secret is found behind characters that form an escape sequence with its first ones", () => {
  for (const secret of ["41-secret-value", "u0041-secret-value", "amp;-secret-value"]) {
    for (const before of ["%", "\\", "&", "\\\\u00"]) {
      assert.doesNotMatch(redact(`${before}${secret}`, [secret]), /secret/);
    }
  }
});
