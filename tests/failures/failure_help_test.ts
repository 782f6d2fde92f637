import assert from "node:assert/strict";
import { FAILURE_CODES, FAILURES } from "../../failures/catalogue.ts";
import { failureHelp, fillIn, helpFor } from "../../failures/failure_help.ts";
import { AcsError, ConnectError } from "../../errors.ts";
import { endHelp } from "../../session/reporting/event_help.ts";
import { UselessConnectionError } from "../../session/useless_connection_error.ts";
import { ServiceException } from "../../wsclient/service_exception.ts";
import { UpgradeRefusedError } from "../../wsclient/upgrade_refused_error.ts";
import { CredentialsError } from "../../wsclient/signing/credentials.ts";
import { test } from "../testing/test.ts";

test("Each failure's cause and fix are sentences without unfilled placeholders", () => {
  for (const code of FAILURE_CODES) {
    const { cause, fix } = helpFor(code);
    for (const text of [cause, fix, ...FAILURES[code].more]) {
      assert.match(text, /^[A-Z{].*[.?]$/s, code);
    }
    assert.doesNotMatch(cause + fix, /[{}]/, code);
    // The bare name belongs to another package on npm.
    assert.doesNotMatch([cause, fix, ...FAILURES[code].more].join("\n"), /\bacs [a-z]/, code);
    assert.ok(FAILURES[code].title.length <= 45, code);
  }
});

test("Brackets without details are omitted", () => {
  assert.equal(fillIn("It failed ({systemCode})."), "It failed.");
  assert.equal(fillIn("It failed ({systemCode}).", { systemCode: "EIO" }), "It failed (EIO).");
});

test("A system error that a transport throws is classified through its causes", () => {
  const refused = Object.assign(new Error("connect"), { code: "ECONNREFUSED" });
  const all = new AggregateError([refused], "");
  const error = new Error("my transport failed", { cause: all });
  assert.equal(failureHelp(error)?.code, "ACS-N02");
});

test("An error from another copy of the package is classified by its fields", () => {
  const error = new ConnectError("x", { host: "ecs.example", systemCode: "CERT_HAS_EXPIRED" });
  const copy = Object.defineProperties(new Error(), Object.getOwnPropertyDescriptors(error));
  assert.equal(failureHelp(copy)?.code, "ACS-T02");
  assert.match(failureHelp(copy)?.cause ?? "", /ecs\.example/);
});

test("Whatever is thrown, finding its failure terminates without throwing", () => {
  const circle = new Error("circle");
  circle.cause = new AggregateError([circle, circle], "");
  const hostile = new Proxy(new Error("x"), {
    get: () => {
      throw new Error("no");
    },
  });
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  for (const thrown of [circle, hostile, revoked.proxy, null, undefined, 1, "text", Symbol("s")]) {
    assert.equal(failureHelp(thrown), undefined);
  }
});

test("A connect error has a code whatever the reason is", () => {
  const error = new ConnectError("x", { host: "ecs.example", cause: new Error("port is blocked") });
  assert.equal(error.code, "ACS-N07");
  assert.match(error.help?.cause ?? "", /ecs\.example/);
});

test("An error that is not in the catalogue has neither code nor help", () => {
  const error = new AcsError("something else");
  assert.equal(error.code, undefined);
  assert.equal(error.help, undefined);
});

test("An error's text cannot break a line of the help", () => {
  const error = new ConnectError("x", { host: "a\nb\u001b[31m", systemCode: "ECONNREFUSED" });
  assert.doesNotMatch(JSON.stringify(error.help), /\\n|\\u001b/);
});

for (
  const { systemCode, host, phase, fix } of [
    {
      systemCode: "ECONNREFUSED",
      host: "127.0.0.1:4570",
      fix: /npx @acs\/session emulate --port 4570/,
    },
    {
      systemCode: "ECONNREFUSED",
      host: "[::1]:4570",
      fix: /npx @acs\/session emulate --port 4570/,
    },
    {
      systemCode: "EAI_AGAIN",
      host: "ecs.us-west-2.amazonaws.com",
      fix: /Check the DNS server in/,
    },
    { systemCode: "ECONNREFUSED", host: "ecs.us-west-2.amazonaws.com", fix: /Check the firewall/ },
    { systemCode: "ECONNRESET", host: "ecs.example:443", fix: /^Use https:/ },
    { systemCode: "ETIMEDOUT", host: "ecs.example:8443", phase: "tcp", fix: /port 8443/ },
    { systemCode: "ETIMEDOUT", host: "ecs.example", phase: "tls", fix: /inspects TLS/ },
    { systemCode: "ETIMEDOUT", host: "ecs.example", phase: "upgrade", fix: /holds back/ },
    { systemCode: "ETIMEDOUT", host: "ecs.example", phase: "tcp", fix: /port 443/ },
  ] as const
) {
  test(`The remedy for ${systemCode} of ${host} is specific`, () => {
    assert.match(new ConnectError("x", { systemCode, host, phase }).help?.fix ?? "", fix);
  });
}

test("A denied call is reported with the user and the action", () => {
  const text =
    "User: arn:aws:sts::123456789012:assumed-role/web/i-0f is not authorized to perform:" +
    " ecs:Poll on resource: *";
  const error = new ServiceException("AccessDeniedException", text, { host: "x", status: 403 });
  assert.equal(
    error.help?.cause,
    "arn:aws:sts::123456789012:assumed-role/web/i-0f is not allowed to call ecs:Poll.",
  );
});

test("A request that is refused as invalid is reported with the service's message", () => {
  const context = { host: "ecs.example", status: 400 };
  const error = new ServiceException("InvalidParameterException", "Bad version.", context);
  assert.equal(error.help?.cause, "InvalidParameterException: Bad version.");
});

test("Without a cause, a failed credentials function is reported with its own text", () => {
  const error = new CredentialsError("timeout", "the source did not answer in 300 ms");
  assert.equal(error.help?.cause, "The source did not answer in 300 ms.");
});

test("A signature for the wrong region is reported with the region of the endpoint", () => {
  const text = "Credential should be scoped to a valid region.";
  const context = { host: "ecs.us-west-2.amazonaws.com", status: 403 };
  const error = new ServiceException("InvalidSignatureException", text, context);
  assert.equal(error.code, "ACS-A08");
  assert.match(error.help?.fix ?? "", /^Set the region to us-west-2/);
});

for (const [clockSkewMs, words] of [[3_600_000, "behind"], [-3_600_000, "ahead of"]] as const) {
  test(`A clock that is an hour ${words} AWS's is reported with the difference`, () => {
    const context = { host: "ecs.example", status: 403, clockSkewMs };
    const error = new ServiceException("InvalidSignatureException", "Signature expired", context);
    assert.ok(error.help?.cause.includes(`is 60 min ${words} AWS's`));
  });
}

test("A proxy that could not reach the host is not reported as refusing the tunnel", () => {
  const proxy = { ...PROXY, isUsed: true, status: 502 };
  const error = new ConnectError("x", {
    host: "ecs.example",
    systemCode: "UND_ERR_ABORTED",
    proxy,
  });
  assert.equal(error.code, "ACS-P03");
  assert.match(error.help?.cause ?? "", /cannot reach ecs\.example \(status 502\)/);
});

const PROXY = { host: "proxy.example:3128", variable: "HTTPS_PROXY" };

for (
  const { what, isUsed, phase, systemCode, code } of [
    { what: "is used and refuses", isUsed: true, systemCode: "ECONNREFUSED", code: "ACS-P02" },
    { what: "is used and not found", isUsed: true, systemCode: "ENOTFOUND", code: "ACS-P02" },
    {
      what: "has opened the tunnel",
      isUsed: true,
      phase: "upgrade",
      systemCode: "ETIMEDOUT",
      code: "ACS-N03",
    },
    { what: "is used", isUsed: true, systemCode: "CERT_HAS_EXPIRED", code: "ACS-T02" },
    { what: "is ignored", isUsed: false, systemCode: "ENOTFOUND", code: "ACS-P01" },
    { what: "is ignored", isUsed: false, systemCode: "CERT_HAS_EXPIRED", code: "ACS-T02" },
  ] as const
) {
  test(`${systemCode} with a proxy that ${what} is ${code}`, () => {
    const proxy = { ...PROXY, isUsed };
    const error = new ConnectError("x", { host: "ecs.example", systemCode, phase, proxy });
    assert.equal(error.code, code);
  });
}

test("A proxy that is ignored is not blamed for a service on this machine", () => {
  const proxy = { ...PROXY, isUsed: false };
  const error = new ConnectError("x", {
    host: "127.0.0.1:4570",
    systemCode: "ECONNREFUSED",
    proxy,
  });
  assert.equal(error.code, "ACS-N02");
});

test("After a timeout through a proxy, the remedy names both the proxy and the host", () => {
  const proxy = { ...PROXY, isUsed: true };
  const options = { host: "ecs.example", systemCode: "ETIMEDOUT", proxy };
  const error = new ConnectError("x", options);
  assert.equal(error.code, "ACS-N03");
  assert.match(error.help?.fix ?? "", /proxy proxy\.example:3128 responds.*reach ecs\.example/);
  assert.equal(new ConnectError("x", { ...options, phase: "proxy" }).code, "ACS-P02");
});

test("After a timeout in an unknown phase, the remedy names both the firewall and the host", () => {
  const options = { host: "ecs.example", systemCode: "ETIMEDOUT" };
  const { cause = "", fix = "" } = new ConnectError("x", options).help ?? {};
  assert.match(cause, /a firewall drops packets, or the host hangs/);
  assert.match(fix, /doctor; if TCP fails, allow outbound TCP to port 443/);
  const reported = Object.assign(new Error("connect"), { code: "ETIMEDOUT" });
  const system = new ConnectError("x", { ...options, cause: reported });
  assert.match(system.help?.cause ?? "", /packets are probably being dropped/);
});

test("If an AWS host responds without TLS, the remedy is not to change the endpoint's scheme", () => {
  const systemCode = "ERR_SSL_WRONG_VERSION_NUMBER";
  const help = (host: string) => new ConnectError("x", { host, systemCode }).help;
  assert.match(help("ecs.example:8443")?.fix ?? "", /^Use http:\/\//);
  const { cause = "", fix = "" } = help("ecs.us-west-2.amazonaws.com") ?? {};
  assert.match(cause, /responded without TLS, so it is not AWS/);
  assert.match(fix, /dig ecs\.us-west-2\.amazonaws\.com/);
});

test("A redirect is reported with the origin that it points to", () => {
  const refusal = { host: "acs.example", status: 302, body: "", serverDate: undefined };
  const error = new UpgradeRefusedError({ ...refusal, redirectsTo: "http://portal.example" });
  assert.equal(error.code, "ACS-P05");
  assert.match(error.help?.cause ?? "", /^acs\.example redirects to http:\/\/portal\.example \(/);
  assert.match(error.help?.fix ?? "", /^Open http:\/\/portal\.example\/ from this machine/);
  assert.doesNotMatch(new UpgradeRefusedError(refusal).help?.cause ?? "", /redirects/);
});

for (
  const { text, cause } of [
    { text: "Reserved bits are not zero", cause: /reserved bits are set/ },
    { text: "Invalid WebSocket frame: RSV1 must be clear", cause: /reserved bits are set/ },
    { text: "Invalid UTF-8", cause: /text that is not UTF-8/ },
    { text: "Invalid WebSocket frame: invalid opcode 11", cause: /frame type that does not exist/ },
    { text: "Max payload size exceeded", cause: /invalid or too large/ },
    { text: "Invalid WebSocket frame: MASK must be clear", cause: /a masked frame/ },
  ]
) {
  test(`The WebSocket library's error "${text}" is explained`, () => {
    const options = { host: "acs.example" };
    const error = new ConnectError(`lost the connection to acs.example: ${text}`, options);
    assert.equal(error.code, "ACS-N07");
    assert.match(error.help?.cause ?? "", /^acs\.example sent data that is not valid WebSocket: /);
    assert.match(error.help?.cause ?? "", cause);
    assert.match(error.help?.fix ?? "", /that alters the data\.$/);
  });
}

test("Errors from the AWS SDK's providers are recognized in a custom credentials function", () => {
  const provider = (message: string) =>
    Object.assign(new Error(message), { name: "CredentialsProviderError" });
  const codeOf = (cause: Error) => new CredentialsError("failed", "failed", { cause }).code;
  assert.equal(codeOf(provider("Could not load credentials from any providers")), "ACS-C01");
  assert.equal(
    codeOf(provider("Could not resolve credentials using profile: [x] in …")),
    "ACS-C02",
  );
  assert.equal(
    codeOf(provider("The SSO session associated with this profile has expired")),
    "ACS-C03",
  );
  const expired = Object.assign(new Error("expired"), { name: "ExpiredTokenException" });
  assert.equal(codeOf(expired), "ACS-C03");
  const unreachable = Object.assign(new Error("connect"), { code: "EHOSTUNREACH" });
  assert.equal(codeOf(unreachable), "ACS-C05");
  assert.equal(codeOf(new Error("a bug")), "ACS-C07");
});

test("A connection that falls silent or is replaced has a code; a regular end has none", () => {
  assert.equal(endHelp({ kind: "idle" })?.code, "ACS-S02");
  assert.equal(endHelp({ kind: "write-stalled" })?.code, "ACS-S02");
  const replaced = { kind: "close", code: 1008, reason: "ConnectionReplaced: again" } as const;
  assert.equal(endHelp(replaced)?.code, "ACS-S01");
  assert.equal(endHelp({ kind: "close", code: 1000, reason: "" }), undefined);
  assert.equal(endHelp({ kind: "expired" }), undefined);
});

test("A useless connection has the code of its error, or else that of useless connections", () => {
  const reset = new ConnectError("reset", { systemCode: "ECONNRESET" });
  assert.equal(new UselessConnectionError({ kind: "error", error: reset }, 5).code, "ACS-N04");
  assert.equal(new UselessConnectionError({ kind: "eof" }, 5).code, "ACS-S05");
});
