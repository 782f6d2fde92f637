import fc from "fast-check";
import assert from "node:assert/strict";
import { inspect } from "node:util";
import { describeError } from "../../internal/redaction/describe_error.ts";
import { ConnectError } from "../../errors.ts";
import { type UpgradeRefusal, UpgradeRefusedError } from "../../wsclient/upgrade_refused_error.ts";
import { explainRefusal, namesInactiveInstance } from "../../wsclient/refused_upgrade.ts";
import { ServiceException } from "../../wsclient/service_exception.ts";
import { isServiceExceptionName, SERVICE_EXCEPTION_NAMES } from "../../protocol/exceptions.ts";
import { ClockSkew } from "../../wsclient/signing/clock_skew.ts";
import { withFakeTime } from "../testing/fakes/fake_time.ts";
import { test } from "../testing/test.ts";

const TOKEN = "made+up/session/token+of/some/length==";
const AUTHORIZATION =
  "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/us-west-2/ecs/aws4_request, " +
  "SignedHeaders=host;x-amz-date, Signature=0123456789abcdef0123456789abcdef";

function refusal(status: number, body: string, serverDate?: number): UpgradeRefusal {
  return { host: "acs.example:8443", status, body, serverDate };
}

/** Everything a user may see of an error without reading a field that is named for it. */
function printed(error: Error): string {
  return [
    error.message,
    String(error),
    error.stack ?? "",
    inspect(error, { depth: 10 }),
    JSON.stringify(error),
    describeError(error),
    "Deno" in globalThis ? Deno.inspect(error, { depth: 10 }) : "",
  ].join("\n");
}

const RETRYABLE: Readonly<Record<(typeof SERVICE_EXCEPTION_NAMES)[number], boolean>> = {
  ServerException: true,
  BadRequestException: true,
  InvalidClusterException: false,
  InvalidInstanceException: false,
  AccessDeniedException: false,
  InactiveInstanceException: false,
};

const FORMS: readonly { form: string; bodyOf(name: string, text: string): string }[] = [
  {
    form: "framed",
    bodyOf: (name, text) => JSON.stringify({ type: name, message: { message: text } }),
  },
  { form: "bare", bodyOf: (name, text) => JSON.stringify({ [name]: text }) },
];

for (const name of SERVICE_EXCEPTION_NAMES) {
  const retryable = RETRYABLE[name];
  for (const { form, bodyOf } of FORMS) {
    test(`A refusal by a ${form} ${name} becomes that exception, worth ${retryable ? "" : "no "}retrying, with host, status and the service's message`, () => {
      const error = explainRefusal(refusal(403, bodyOf(name, "Cluster default not found")), []);
      assert.ok(error instanceof ServiceException);
      assert.equal(error.name, name);
      assert.equal(error.retryable, retryable);
      assert.equal(error.serviceMessage, "Cluster default not found");
      assert.deepEqual([error.host, error.status], ["acs.example:8443", 403]);
      assert.equal(error.clockSkewMs, undefined);
      const start = `acs.example:8443 answered ${name} (status 403): Cluster default not found`;
      if (retryable) assert.equal(error.message, start);
      else assert.ok(error.message.startsWith(`${start}; `), error.message);
    });
  }
}

test("An exception without a text is reported without one", () => {
  for (
    const body of [
      '{"ServerException":null}',
      '{"ServerException":""}',
      '{"type":"ServerException","message":{}}',
      '{"type":"ServerException","message":null}',
      '{"type":"ServerException","message":{"message":null}}',
    ]
  ) {
    const error = explainRefusal(refusal(500, body), []);
    assert.equal(error.message, "acs.example:8443 answered ServerException (status 500)");
  }
});

for (
  const { what, body, quoted } of [
    {
      what: "a page of HTML",
      body: "<html>\n  <h1>Bad\tGateway</h1>",
      quoted: "<html> <h1>Bad Gateway</h1>",
    },
    {
      what: "a message that is not an exception",
      body: '{"CloseMessage":"x"}',
      quoted: '{"CloseMessage":"x"}',
    },
    {
      what: "an unknown exception",
      body: '{"LaterException":"x"}',
      quoted: '{"LaterException":"x"}',
    },
    {
      what: "two keys",
      body: '{"ServerException":"x","more":1}',
      quoted: '{"ServerException":"x","more":1}',
    },
    { what: "control characters", body: "a\u0000b\u001b[31mc\r\nd", quoted: "a b [31mc d" },
  ]
) {
  test(`A refusal with ${what} is reported with host, status and the start of the body in one line`, () => {
    const error = explainRefusal(refusal(502, body), []);
    assert.ok(error instanceof UpgradeRefusedError);
    assert.equal(error.name, "UpgradeRefusedError");
    assert.equal(error.retryable, true);
    assert.deepEqual([error.host, error.status], ["acs.example:8443", 502]);
    assert.equal(
      error.message,
      `acs.example:8443 refused the WebSocket upgrade with status 502: ${quoted}`,
    );
    assert.equal(error.refusal.body, body);
  });
}

test("A refusal without a body is reported with host and status", () => {
  for (const body of ["", " \n"]) {
    const error = explainRefusal(refusal(405, body), []);
    assert.equal(
      error.message,
      "acs.example:8443 refused the WebSocket upgrade with status 405",
    );
  }
});

test("Only the start of a long body is reported", () => {
  const error = explainRefusal(refusal(502, "x".repeat(60_000)), []);
  assert.equal(
    error.message.length,
    "acs.example:8443 refused the WebSocket upgrade with status 502: ".length + 200,
  );
});

test("The message of an exception is reported in one line, whatever its length and content", () => {
  const text = `first\nsecond\u001b[31m${"x".repeat(60_000)}`;
  for (const { bodyOf } of FORMS) {
    const error = explainRefusal(refusal(500, bodyOf("ServerException", text)), []);
    assert.match(error.message, /^[^\p{Cc}]+$/u);
    assert.ok(error.message.length < 2000, `${error.message.length} characters`);
    assert.match(error.message, /: first second \[31mx/);
  }
});

for (
  const { aheadMs, words } of [
    { aheadMs: 15 * 60_000, words: "about 15 min behind" },
    { aheadMs: -15 * 60_000, words: "about 15 min ahead of" },
  ]
) {
  test(`A local clock ${words} the service's is reported as text and as a number`, () =>
    withFakeTime(() => {
      const serverDate = Date.now() + aheadMs;
      const body = '{"AccessDeniedException":"Signature expired"}';
      const error = explainRefusal(refusal(403, body, serverDate), []);
      assert.equal(error.clockSkewMs, aheadMs);
      assert.equal(error.retryable, true);
      assert.ok(
        error.message.includes(
          `the local clock is ${words} the service's; the next signature is corrected`,
        ),
        error.message,
      );
      return Promise.resolve();
    }));

  test(`A local clock ${words} that of a peer other than the service is described without a promise`, () =>
    withFakeTime(() => {
      for (const body of ["<html>", ""]) {
        const error = explainRefusal(refusal(403, body, Date.now() + aheadMs), []);
        assert.equal(error.clockSkewMs, aheadMs);
        assert.ok(error.message.endsWith(`the local clock is ${words} the peer's`), error.message);
      }
      return Promise.resolve();
    }));
}

test("A refusal of a signature that was already corrected promises no further correction, and is permanent", () =>
  withFakeTime(() => {
    const clockSkew = new ClockSkew();
    clockSkew.observe(15 * 60_000);
    const serverDate = Date.now() + 15 * 60_000;
    const body = '{"AccessDeniedException":"not authorized"}';
    const error = explainRefusal(refusal(403, body, serverDate), [], clockSkew);
    assert.equal(error.retryable, false);
    assert.match(
      error.message,
      /15 min behind the service's; this signature was already corrected/,
    );
    return Promise.resolve();
  }));

test("A correct clock is a skew of nearly 0, and is not mentioned", () =>
  withFakeTime(() => {
    for (const body of ['{"AccessDeniedException":"Not authorized"}', "<html>"]) {
      const error = explainRefusal(refusal(403, body, Date.now() - 900), []);
      assert.equal(error.clockSkewMs, -900);
      assert.ok(!error.message.includes("clock is"), error.message);
      assert.equal(explainRefusal(refusal(403, body), []).clockSkewMs, undefined);
    }
    return Promise.resolve();
  }));

/** How a peer that echoes a header may write it. */
const WRITINGS: readonly { how: string; write(text: string): string }[] = [
  { how: "as it is", write: (text) => text },
  { how: "as a JSON string", write: (text) => JSON.stringify(text).replaceAll("/", "\\/") },
  {
    how: "as a JSON string with numeric escapes",
    write: (text) => text.replace(/[^\w]/g, (c) => `\\u${hex(c).padStart(4, "0")}`),
  },
  { how: "in HTML", write: (text) => text.replace(/[^\w ]/g, (c) => `&#${c.charCodeAt(0)};`) },
  {
    how: "in HTML with hexadecimal escapes",
    write: (text) => text.replace(/[^\w ]/g, (c) => `&#x${hex(c)};`),
  },
  { how: "in a URL", write: encodeURIComponent },
];

function hex(character: string): string {
  return character.charCodeAt(0).toString(16).toUpperCase();
}

for (const { how, write } of WRITINGS) {
  test(`The token and the Authorization header that a refusal echoes ${how} do not appear in any output`, () => {
    for (const secret of [TOKEN, AUTHORIZATION]) {
      const written = write(secret);
      for (
        const body of [
          `<html>${written}</html>`,
          `${"x".repeat(190)}${written}`,
          `{"ServerException":${JSON.stringify(`got ${written}`)}}`,
          JSON.stringify({ type: "AccessDeniedException", message: { message: `got ${written}` } }),
        ]
      ) {
        const error = explainRefusal(refusal(403, body), [TOKEN, AUTHORIZATION]);
        const text = printed(error);
        assert.ok(!text.includes(secret.slice(0, 20)), text);
        assert.ok(!text.includes(written.slice(0, 20)), text);
        assert.match(text, /\[redact/);
      }
    }
  });
}

test("Whatever a token contains, no form of it that a refusal echoes is printed", () => {
  fc.assert(
    fc.property(
      fc.stringMatching(/^[A-Za-z0-9/+]{16,64}={0,2}$/),
      fc.constantFrom(...WRITINGS),
      fc.string({ maxLength: 40 }),
      (token, { write }, before) => {
        const error = explainRefusal(refusal(403, `${before} ${write(token)}`), [token]);
        assert.ok(!printed(error).includes(write(token)));
      },
    ),
    { numRuns: 50 },
  );
});

test("The body up to the first secret, of any length, is available in a field named for it", () => {
  const body = `<html>${"x".repeat(1000)}${TOKEN}</html>`;
  const error = explainRefusal(refusal(403, body), [TOKEN]);
  assert.ok(error instanceof UpgradeRefusedError);
  assert.equal(error.refusal.body, `<html>${"x".repeat(1000)}[redacted]`);
  assert.equal(Object.keys(error).includes("refusal"), false);
});

for (
  const { how, error } of [
    {
      how: "framed",
      error: explainRefusal(
        refusal(400, FORMS[0]?.bodyOf("InactiveInstanceException", "gone") ?? ""),
        [],
      ),
    },
    {
      how: "bare",
      error: explainRefusal(refusal(400, '{"InactiveInstanceException":"gone"}'), []),
    },
    {
      how: "without a text",
      error: explainRefusal(refusal(400, '{"InactiveInstanceException":null}'), []),
    },
    {
      how: "in a body that cannot be decoded",
      error: explainRefusal(refusal(400, "InactiveInstanceException: gone"), []),
    },
    {
      how: "after the body's start",
      error: explainRefusal(refusal(400, `${" ".repeat(5000)}InactiveInstanceException`), []),
    },
    {
      how: "in the message of another exception",
      error: new ServiceException("ClientException", "InactiveInstanceException: gone", {
        host: "ecs.example",
        status: 400,
      }),
    },
    { how: "in the text of any error", error: new Error("InactiveInstanceException: gone") },
  ]
) {
  test(`An instance that the service calls inactive is recognized ${how}`, () => {
    assert.equal(namesInactiveInstance(error), true);
  });
}

test("No other error is mistaken for an inactive instance", () => {
  for (
    const error of [
      explainRefusal(refusal(400, '{"InvalidInstanceException":"no such instance"}'), []),
      explainRefusal(refusal(502, "<html>"), []),
      new ConnectError("Cannot reach acs.example", { systemCode: "ECONNREFUSED" }),
      undefined,
      null,
      "InactiveInstance",
    ]
  ) {
    assert.equal(namesInactiveInstance(error), false);
  }
});

test("The six exceptions are known by name, and nothing else is", () => {
  assert.equal(SERVICE_EXCEPTION_NAMES.length, 6);
  for (const name of SERVICE_EXCEPTION_NAMES) assert.equal(isServiceExceptionName(name), true);
  for (const name of ["", "serverexception", "LaterException", "constructor"]) {
    assert.equal(isServiceExceptionName(name), false);
  }
});

test("A permanent exception says what to do about it", () => {
  const messageOf = (name: string) =>
    new ServiceException(name, "", { host: "h", status: 400 }).message;
  assert.match(messageOf("InvalidClusterException"), /; check the cluster's name/);
  assert.match(messageOf("InvalidInstanceException"), /; check the container instance's ARN/);
  assert.match(messageOf("AccessDeniedException"), /; check the credentials, .*local clock$/);
  assert.match(messageOf("InactiveInstanceException"), /register it again$/);
  assert.equal(messageOf("LaterException"), "h answered LaterException (status 400)");
});
