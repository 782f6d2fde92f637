import assert from "node:assert/strict";
import { inspect } from "node:util";
import {
  discoverPollEndpoint,
  type DiscoverPollEndpointInput,
} from "../../../session/discovery/discover_poll_endpoint.ts";
import { DiscoverPollEndpointError } from "../../../session/discovery/discover_poll_endpoint_error.ts";
import { DEFAULT_TIMING } from "../../../session/timing.ts";
import { InvalidEndpointError } from "../../../wsclient/acs_url.ts";
import { ClockSkew } from "../../../wsclient/signing/clock_skew.ts";
import { CredentialSource } from "../../../wsclient/signing/credential_source.ts";
import { CredentialsError } from "../../../wsclient/signing/credentials.ts";
import { ConnectError } from "../../../errors.ts";
import { ServiceException } from "../../../wsclient/service_exception.ts";
import { signRequest } from "../../../wsclient/signing/sign.ts";
import { turns, until, withFakeTime } from "../../testing/fakes/fake_time.ts";
import { test } from "../../testing/test.ts";

const KEYS = {
  accessKeyId: "AKIDEXAMPLE",
  secretAccessKey: "made/up+secret",
  sessionToken: "made+up/session/token==",
};
const INSTANCE_ARN = "arn:aws:ecs:us-west-2:111122223333:container-instance/default/a";
const NO_ABORT = { signal: new AbortController().signal };

/** A request that was sent. */
interface Sent {
  readonly url: string;
  readonly init: RequestInit;
  readonly headers: Headers;
}

/** A `fetch` that sends nothing and returns the test's answer. */
function fakeFetch(
  answer: (sent: Sent) => Response | Promise<Response>,
): { readonly fetch: typeof fetch; readonly sent: Sent[] } {
  const sent: Sent[] = [];
  return {
    sent,
    fetch: async (input, init = {}) => {
      const each = { url: String(input), init, headers: new Headers(init.headers) };
      sent.push(each);
      return await answer(each);
    },
  };
}

function inputOf(
  fetch: DiscoverPollEndpointInput["fetch"],
  changes: Partial<DiscoverPollEndpointInput> = {},
): DiscoverPollEndpointInput {
  return {
    ecsEndpoint: "https://ecs.us-west-2.amazonaws.com/",
    region: "us-west-2",
    cluster: "default",
    containerInstanceArn: INSTANCE_ARN,
    zoneId: "",
    allowInsecureEndpoint: false,
    credentials: new CredentialSource(KEYS),
    credentialsTimeoutMs: DEFAULT_TIMING.credentialsTimeoutMs,
    discoverTimeoutMs: DEFAULT_TIMING.discoverTimeoutMs,
    clockSkew: new ClockSkew(),
    fetch,
    ...changes,
  };
}

function discover(
  answer: (sent: Sent) => Response | Promise<Response>,
  changes: Partial<DiscoverPollEndpointInput> = {},
) {
  return discoverPollEndpoint(inputOf(fakeFetch(answer).fetch, changes), NO_ABORT);
}

/** The error with which a call fails. */
async function errorOf(discovered: Promise<unknown>): Promise<Error> {
  try {
    await discovered;
  } catch (error) {
    assert.ok(error instanceof Error);
    return error;
  }
  assert.fail("The call did not fail");
}

/** A fetch that never answers but respects its signal. */
function hang({ init }: Sent): Promise<Response> {
  return new Promise((_resolve, reject) => {
    init.signal?.addEventListener("abort", () => reject(init.signal?.reason));
  });
}

test("The request is exactly what ECS expects, signed for the current time", () =>
  withFakeTime(async () => {
    const { fetch, sent } = fakeFetch(() => Response.json({ endpoint: "https://acs.example/" }));
    await discoverPollEndpoint(inputOf(fetch), NO_ABORT);
    assert.equal(sent.length, 1);
    const [request] = sent;
    assert.ok(request);
    assert.equal(request.url, "https://ecs.us-west-2.amazonaws.com/");
    assert.equal(request.init.method, "POST");
    assert.equal(request.init.redirect, "manual");
    assert.equal(
      request.init.body,
      `{"containerInstance":"${INSTANCE_ARN}","cluster":"default","zoneId":""}`,
    );
    const target = "AmazonEC2ContainerServiceV20141113.DiscoverPollEndpoint";
    const expected = await signRequest({
      method: "POST",
      url: request.url,
      headers: { "content-type": "application/x-amz-json-1.1", "x-amz-target": target },
      body: String(request.init.body),
      region: "us-west-2",
      credentials: KEYS,
      timeMs: Date.UTC(2026, 0, 1),
    });
    assert.deepEqual(Object.fromEntries(request.headers), expected);
    assert.match(
      request.headers.get("authorization") ?? "",
      /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/20260101\/us-west-2\/ecs\/aws4_request, SignedHeaders=host;x-amz-date;x-amz-security-token;x-amz-target, Signature=[0-9a-f]{64}$/,
    );
  }));

test("The request goes to a custom endpoint when one is given, and is signed for the service's clock", () =>
  withFakeTime(async () => {
    const clockSkew = new ClockSkew();
    clockSkew.observe(600_000);
    const { fetch, sent } = fakeFetch(() => Response.json({ endpoint: "https://acs.example/" }));
    const input = inputOf(fetch, { ecsEndpoint: "http://localhost:8080/ecs", clockSkew });
    await discoverPollEndpoint(input, NO_ABORT);
    assert.equal(sent[0]?.url, "http://localhost:8080/ecs");
    assert.equal(sent[0]?.headers.get("x-amz-date"), "20260101T001000Z");
  }));

test("The endpoints in the answer are returned, and nothing else", async () => {
  const all = {
    endpoint: "https://acs.example/",
    telemetryEndpoint: "https://tcs.example/",
    serviceConnectEndpoint: "https://sc.example/",
    systemLogsEndpoint: "https://logs.example/",
  };
  assert.deepEqual(await discover(() => Response.json({ ...all, later: 1 })), all);
  assert.deepEqual(
    await discover(() =>
      Response.json({ ...all, telemetryEndpoint: null, serviceConnectEndpoint: 5 })
    ),
    { endpoint: all.endpoint, systemLogsEndpoint: all.systemLogsEndpoint },
  );
});

for (
  const { what, body, expected } of [
    { what: "without an endpoint", body: "{}", expected: /without an endpoint$/ },
    { what: "with a null endpoint", body: '{"endpoint":null}', expected: /without an endpoint$/ },
    { what: "with an empty endpoint", body: '{"endpoint":""}', expected: /without an endpoint$/ },
    {
      what: "with an endpoint that is not a string",
      body: '{"endpoint":{}}',
      expected: /without an endpoint$/,
    },
    {
      what: "that is not JSON",
      body: "<html>",
      expected: /with something other than a JSON object$/,
    },
    { what: "that is empty", body: "", expected: /with something other than a JSON object$/ },
    { what: "that is null", body: "null", expected: /with something other than a JSON object$/ },
    {
      what: "that is a string",
      body: '"https://acs.example/"',
      expected: /with something other than a JSON object$/,
    },
    {
      what: "that is a list",
      body: '["https://acs.example/"]',
      expected: /with something other than a JSON object$/,
    },
  ]
) {
  test(`An answer ${what} is an error that names the host and quotes nothing`, async () => {
    const error = await errorOf(discover(() => new Response(body)));
    assert.ok(error instanceof DiscoverPollEndpointError);
    assert.equal(error.name, "DiscoverPollEndpointError");
    assert.equal(error.retryable, true);
    assert.match(error.message, expected);
    assert.match(error.message, /^ecs\.us-west-2\.amazonaws\.com answered DiscoverPollEndpoint/);
  });
}

for (
  const { how, body, header } of [
    { how: "__type", body: { __type: "ClientException", message: "no such cluster" } },
    {
      how: "__type with a namespace",
      body: { __type: "com.amazonaws.ecs.v20141113#ClientException", message: "no such cluster" },
    },
    { how: "Message capitalised", body: { __type: "ClientException", Message: "no such cluster" } },
    {
      how: "the header",
      body: { message: "no such cluster" },
      header: "ClientException",
    },
    {
      how: "the header with another name appended",
      body: { message: "no such cluster" },
      header: "ClientException,LaterException",
    },
    {
      how: "the header with a URL appended",
      body: { message: "no such cluster" },
      header: "ClientException:http://internal.amazon.com/coral/#part",
    },
    {
      how: "a __type that is not a string, and the header",
      body: { __type: 5, message: "no such cluster" },
      header: "ClientException",
    },
  ]
) {
  test(`An ECS error identified by ${how} becomes that exception, with host, status and message`, async () => {
    const headers = header === undefined ? {} : { "x-amzn-errortype": header };
    const error = await errorOf(discover(() => Response.json(body, { status: 400, headers })));
    assert.ok(error instanceof ServiceException);
    assert.equal(error.name, "ClientException");
    assert.equal(error.retryable, false);
    assert.deepEqual(
      [error.host, error.status, error.serviceMessage],
      ["ecs.us-west-2.amazonaws.com", 400, "no such cluster"],
    );
    assert.equal(
      error.message,
      "ecs.us-west-2.amazonaws.com answered ClientException (status 400): no such cluster",
    );
  });
}

test("A permanent ECS error says so", async () => {
  const body = { __type: "AccessDeniedException", message: "not authorized" };
  const error = await errorOf(discover(() => Response.json(body, { status: 400 })));
  assert.ok(error instanceof ServiceException);
  assert.equal(error.retryable, false);
});

test("An ECS error without a message is reported without one", async () => {
  const body = { __type: "ServerException", message: null };
  const error = await errorOf(discover(() => Response.json(body, { status: 500 })));
  assert.equal(error.message, "ecs.us-west-2.amazonaws.com answered ServerException (status 500)");
});

test("The name and message of an error are reported in one line of bounded length", async () => {
  const body = { __type: "Odd\nException", message: `a\n\u001b[31mb${"x".repeat(5000)}` };
  const error = await errorOf(discover(() => Response.json(body, { status: 400 })));
  assert.doesNotMatch(error.message, /\p{Cc}/u);
  assert.doesNotMatch(error.name, /\p{Cc}/u);
  assert.ok(error.message.length < 2000);
});

test("An answer that is not from ECS is reported with its status and its first characters, in one line", async () => {
  const page = `<html>\n<h1>Bad\tGateway</h1>${"x".repeat(1000)}`;
  const error = await errorOf(discover(() => new Response(page, { status: 502 })));
  assert.ok(error instanceof DiscoverPollEndpointError);
  const start = "ecs.us-west-2.amazonaws.com answered DiscoverPollEndpoint with status 502: ";
  assert.ok(error.message.startsWith(`${start}<html> <h1>Bad Gateway</h1>x`), error.message);
  assert.equal(error.message.length, start.length + 200);
});

test("An answer without a body is reported by its status alone", async () => {
  for (const status of [204, 302, 403, 500]) {
    const body = status === 500 ? " \n" : null;
    const error = await errorOf(discover(() => new Response(body, { status })));
    assert.ok(error instanceof DiscoverPollEndpointError);
    assert.equal(
      error.message,
      `ecs.us-west-2.amazonaws.com answered DiscoverPollEndpoint with status ${status}`,
    );
  }
});

test("Redirects are not followed, even to a valid endpoint", async () => {
  const { fetch, sent } = fakeFetch(() =>
    new Response(null, { status: 307, headers: { location: "https://elsewhere.example/" } })
  );
  const error = await errorOf(discoverPollEndpoint(inputOf(fetch), NO_ABORT));
  assert.match(error.message, /with status 307$/);
  assert.equal(sent.length, 1);
});

test("A wrong local clock is reported as text and as a number", () =>
  withFakeTime(async () => {
    const headers = { date: "Wed, 31 Dec 2025 23:30:00 GMT" };
    const body = { __type: "InvalidSignatureException", message: "Signature not yet current" };
    const named = await errorOf(discover(() => Response.json(body, { status: 400, headers })));
    assert.ok(named instanceof ServiceException);
    assert.equal(named.clockSkewMs, -1_800_000);
    assert.match(named.message, /the local clock is about 30 min ahead of the service's/);
    assert.match(named.message, /the service's; the next signature is corrected/);
    assert.equal(named.retryable, true);
  }));

test("An error from another server has host, status and clock skew as fields, and promises no correction", () =>
  withFakeTime(async () => {
    const headers = { date: "Wed, 31 Dec 2025 23:30:00 GMT" };
    const answers = [
      {
        status: 403,
        body: "<html>",
        message: /<html>; the local clock is about 30 min ahead of the peer's$/,
      },
      { status: 200, body: "<html>", message: /with something other than a JSON object$/ },
      { status: 200, body: "{}", message: /without an endpoint$/ },
    ];
    for (const { status, body, message } of answers) {
      const error = await errorOf(discover(() => new Response(body, { status, headers })));
      assert.ok(error instanceof DiscoverPollEndpointError);
      assert.equal(error.host, "ecs.us-west-2.amazonaws.com");
      assert.equal(error.status, status);
      assert.equal(error.clockSkewMs, -1_800_000);
      assert.match(error.message, message);
    }
    const undated = await errorOf(discover(() => new Response("<html>", { status: 502 })));
    assert.ok(undated instanceof DiscoverPollEndpointError);
    assert.equal(undated.clockSkewMs, undefined);
  }));

test("An exception that AWS does not define promises no correction", () =>
  withFakeTime(async () => {
    const headers = { date: "Wed, 31 Dec 2025 23:30:00 GMT" };
    const body = { __type: "ProxyException", message: "no" };
    const error = await errorOf(discover(() => Response.json(body, { status: 403, headers })));
    assert.ok(error instanceof ServiceException);
    assert.equal(error.retryable, false);
    assert.ok(error.message.endsWith("the local clock is about 30 min ahead of the peer's"));
  }));

test("The requested zone is sent, and the system log endpoint is returned", async () => {
  const answer = { endpoint: "https://acs.example/", systemLogsEndpoint: "https://logs.example/" };
  const { fetch, sent } = fakeFetch(() => Response.json(answer));
  const output = await discoverPollEndpoint(inputOf(fetch, { zoneId: "usw2-az1" }), NO_ABORT);
  assert.equal(JSON.parse(String(sent[0]?.init.body)).zoneId, "usw2-az1");
  assert.deepEqual(output, answer);
});

const NOT_LOCAL = [
  "http://acs.example/",
  "http://10.0.0.1:8080/",
  "http://localhost.example/",
  "http://mylocalhost/",
  "http://0.0.0.0/",
  "http://128.0.0.1/",
  "http://127.0.0.1.example/",
  "http://[::ffff:10.0.0.1]/",
  "http://[::2]/",
  "http://xn--n3h.example/",
  "HTTP://ACS.EXAMPLE/",
];

for (const endpoint of NOT_LOCAL) {
  test(`An ECS called over https may not send the session to ${endpoint}, unless that is allowed`, async () => {
    const error = await errorOf(discover(() => Response.json({ endpoint })));
    assert.ok(error instanceof InvalidEndpointError, inspect(error));
    assert.equal(error.retryable, true);
    assert.match(error.message, /not encrypted, http:.* set the option allowInsecureEndpoint$/);
    const { href } = new URL(endpoint);
    const allowed = { allowInsecureEndpoint: true };
    assert.equal((await discover(() => Response.json({ endpoint }), allowed)).endpoint, href);
    const inClear = { ecsEndpoint: "http://ecs.example/" };
    assert.equal((await discover(() => Response.json({ endpoint }), inClear)).endpoint, href);
  });
}

const LOCAL = [
  "http://localhost:51679/",
  "http://LocalHost./",
  "http://acs.localhost/",
  "http://acs.localhost./",
  "http://127.0.0.1:8080/",
  "http://127.0.0.1./",
  "http://127.1/",
  "http://127.255.255.254/",
  "http://2130706433/",
  "http://0x7f.0.0.1/",
  "http://[::1]:8080/",
  "http://[0:0:0:0:0:0:0:1]/",
  "http://[::ffff:127.0.0.1]/",
];

for (const endpoint of LOCAL) {
  test(`An ECS endpoint called over https may return ${endpoint}, which is on this machine`, async () => {
    const output = await discover(() => Response.json({ endpoint }));
    assert.equal(output.endpoint, new URL(endpoint).href);
  });
}

test("An endpoint with a WebSocket scheme is refused, encrypted or not", async () => {
  for (const endpoint of ["ws://acs.example/", "wss://acs.example/", "ws://localhost/"]) {
    const answer = () => Response.json({ endpoint });
    assert.match((await errorOf(discover(answer))).message, /with the scheme wss?:; expected http/);
  }
});

for (
  const { how, echo } of [
    { how: "as text", echo: (headers: Headers) => [...headers].join("\n") },
    {
      how: "as HTML",
      echo: (headers: Headers) =>
        [...headers].join("<br>").replace(/[+/=]/g, (c) => `&#${c.charCodeAt(0)};`),
    },
    {
      how: "as an exception",
      echo: (headers: Headers) =>
        JSON.stringify({ __type: "ClientException", message: JSON.stringify([...headers]) }),
    },
  ]
) {
  test(`An error that echoes the request's headers ${how} shows no secret`, async () => {
    const error = await errorOf(
      discover(({ headers }) => new Response(echo(headers), { status: 403 })),
    );
    const printed = [error.message, error.stack, inspect(error, { depth: 10 })].join();
    assert.match(printed, /\[redac/);
    assert.ok(!printed.includes("made") && !printed.includes("Credential"), printed);
    assert.doesNotMatch(printed, /[0-9a-f]{64}/);
  });
}

const refusedConnection = Object.assign(new Error("connect ECONNREFUSED 10.0.0.1:443"), {
  code: "ECONNREFUSED",
});
for (
  const { how, thrown, code } of [
    { how: "on the error", thrown: refusedConnection, code: "ECONNREFUSED" },
    {
      how: "on the cause",
      thrown: new TypeError("fetch failed", { cause: refusedConnection }),
      code: "ECONNREFUSED",
    },
    {
      how: "on the cause's cause",
      thrown: new TypeError("fetch failed", {
        cause: new Error("x", { cause: refusedConnection }),
      }),
      code: "ECONNREFUSED",
    },
    { how: "nowhere", thrown: new TypeError("fetch failed"), code: undefined },
    { how: "nowhere on values that are not errors", thrown: "fetch failed", code: undefined },
  ]
) {
  test(`If ECS cannot be reached, the error says why ${how}`, async () => {
    const error = await errorOf(discover(() => Promise.reject(thrown)));
    assert.ok(error instanceof ConnectError);
    assert.equal(error.systemCode, code);
    assert.equal(error.cause, thrown);
    assert.equal(
      error.message,
      "Cannot reach ecs.us-west-2.amazonaws.com for DiscoverPollEndpoint" +
        (code === undefined ? "" : ` (${code})`),
    );
  });
}

test("An error whose causes form a cycle is reported like any other", async () => {
  const thrown = new TypeError("fetch failed");
  thrown.cause = thrown;
  const error = await errorOf(discover(() => Promise.reject(thrown)));
  assert.ok(error instanceof ConnectError);
});

test("A connection that breaks while the answer is read is a connection error too", async () => {
  const broken = new TypeError("terminated", {
    cause: Object.assign(new Error("reset"), { code: "ECONNRESET" }),
  });
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new TextEncoder().encode('{"endpoint":')),
    pull: (controller) => controller.error(broken),
  });
  const error = await errorOf(discover(() => new Response(body)));
  assert.ok(error instanceof ConnectError, inspect(error));
  assert.equal(error.systemCode, "ECONNRESET");
  assert.equal(error.cause, broken);
});

for (
  const { what, ...head } of [
    { what: "with status 200", status: 200 },
    { what: "with status 500", status: 500 },
    { what: "that declares too large a length", headers: { "content-length": "10000000" } },
    { what: "that declares a length that is not a number", headers: { "content-length": "short" } },
    {
      what: "that declares its compressed length",
      headers: { "content-length": "100", "content-encoding": "gzip" },
    },
  ]
) {
  test(`An answer ${what} that never ends is cut off and released`, async () => {
    let chunks = 0;
    let cancelled = false;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        chunks += 1;
        controller.enqueue(new Uint8Array(16_384).fill(120));
        // Code that reads all of it must fail here, and not by running out of memory.
        if (chunks === 100) controller.close();
      },
      cancel() {
        cancelled = true;
      },
    });
    const error = await errorOf(discover(() => new Response(body, head)));
    assert.ok(error instanceof DiscoverPollEndpointError);
    assert.ok(chunks < 10, `${chunks} chunks`);
    assert.equal(cancelled, true);
    assert.ok(error.message.length < 400);
  });
}

test("An answer in chunks, split within a character, is put together correctly", async () => {
  const bytes = new TextEncoder().encode('{"endpoint":"https://acs.example/é"}');
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const byte of bytes) controller.enqueue(new Uint8Array([byte]));
      controller.close();
    },
  });
  const { endpoint } = await discover(() => new Response(body));
  assert.equal(endpoint, "https://acs.example/%C3%A9");
});

for (
  const { how, answer } of [
    { how: "a request that hangs", answer: hang },
    { how: "a fetch that ignores its signal", answer: () => new Promise<Response>(() => {}) },
    {
      how: "an answer that stops halfway",
      answer: () =>
        new Response(new ReadableStream<Uint8Array>({ pull: () => new Promise(() => {}) })),
    },
  ] satisfies { how: string; answer: (sent: Sent) => Response | Promise<Response> }[]
) {
  test(`The call gives up on ${how} after 126 s, and leaves no timer behind`, () =>
    withFakeTime(async (time) => {
      assert.equal(DEFAULT_TIMING.discoverTimeoutMs, 126_000);
      const { fetch, sent } = fakeFetch(answer);
      const errors: Error[] = [];
      const done = errorOf(discoverPollEndpoint(inputOf(fetch), NO_ABORT))
        .then((error) => errors.push(error));
      await until(() => sent.length === 1, "a request");
      await time.advance(125_999);
      assert.equal(errors.length, 0);
      await time.advance(1);
      await done;
      const [error] = errors;
      assert.ok(error instanceof ConnectError);
      assert.equal(error.systemCode, "ETIMEDOUT");
      assert.equal(
        error.message,
        "ecs.us-west-2.amazonaws.com did not respond to DiscoverPollEndpoint within 126000 ms",
      );
      assert.equal(time.pendingTimers(), 0);
    }));

  test(`An abort ends ${how} immediately, with its own reason, and leaves no timer behind`, () =>
    withFakeTime(async (time) => {
      const { fetch, sent } = fakeFetch(answer);
      const controller = new AbortController();
      const reason = new Error("stopped");
      const ended = errorOf(discoverPollEndpoint(inputOf(fetch), { signal: controller.signal }));
      await until(() => sent.length === 1, "a request");
      controller.abort(reason);
      assert.equal(await ended, reason);
      assert.equal(time.pendingTimers(), 0);
    }));
}

test("After an abort, no request is sent", async () => {
  const { fetch, sent } = fakeFetch(() => Response.json({ endpoint: "https://acs.example/" }));
  const signal = AbortSignal.abort(new Error("before"));
  assert.equal((await errorOf(discoverPollEndpoint(inputOf(fetch), { signal }))).message, "before");
  await turns(10);
  assert.equal(sent.length, 0);
});

test("The credentials function is called for each request, and times out after 30 s", () =>
  withFakeTime(async (time) => {
    let calls = 0;
    const { fetch, sent } = fakeFetch(() => Response.json({ endpoint: "https://acs.example/" }));
    const credentials = new CredentialSource(() => ({ ...KEYS, accessKeyId: `AKID${++calls}` }));
    for (const expected of [1, 2]) {
      await discoverPollEndpoint(inputOf(fetch, { credentials }), NO_ABORT);
      const authorization = sent.at(-1)?.headers.get("authorization") ?? "";
      assert.match(authorization, new RegExp(`Credential=AKID${expected}/`));
    }
    const hanging = errorOf(
      discoverPollEndpoint(
        inputOf(fetch, { credentials: new CredentialSource(() => new Promise(() => {})) }),
        NO_ABORT,
      ),
    );
    await time.advance(30_000);
    assert.ok(await hanging instanceof CredentialsError);
    assert.equal(sent.length, 2);
    assert.equal(time.pendingTimers(), 0);
  }));

for (
  const { what, status, type, skewMs, retryable } of [
    {
      what: "a server's trouble",
      status: 500,
      type: "ServerException",
      skewMs: 0,
      retryable: true,
    },
    { what: "throttling", status: 400, type: "ThrottlingException", skewMs: 0, retryable: true },
    { what: "too many requests", status: 429, type: "SlowDown", skewMs: 0, retryable: true },
    {
      what: "a signature by a clock that has been corrected since",
      status: 400,
      type: "InvalidSignatureException",
      skewMs: 3_600_000,
      retryable: true,
    },
    {
      what: "a wrong key",
      status: 400,
      type: "UnrecognizedClientException",
      skewMs: 0,
      retryable: false,
    },
  ]
) {
  test(`An error for ${what} ${retryable ? "may pass" : "needs a human to act"}`, async () => {
    const headers = { date: new Date(Date.now() + skewMs).toUTCString() };
    const answer = () => Response.json({ __type: type }, { status, headers });
    const error = await errorOf(discover(answer));
    assert.ok(error instanceof ServiceException);
    assert.equal(error.retryable, retryable);
  });
}

test("An endpoint with control characters is reported as one line that no terminal interprets", async () => {
  const given = "https://acs.example/\u001b[31m\nFAKE LINE\u202e";
  const output = await discover(() =>
    Response.json({ endpoint: given, telemetryEndpoint: given, systemLogsEndpoint: given })
  );
  for (const url of Object.values(output)) assert.match(url, /^[!-~]+$/);
});

test("A response that is never completed is reported as a timeout of the response, not of TCP", async () => {
  await withFakeTime(async (time) => {
    const { fetch, sent } = fakeFetch(() => new Response(new ReadableStream(), { status: 200 }));
    const call = assert.rejects(
      discoverPollEndpoint(inputOf(fetch), NO_ABORT),
      (error) => error instanceof ConnectError && error.phase === "upgrade",
    );
    await until(() => sent.length > 0, "the request is sent");
    await turns(10);
    await time.advance(DEFAULT_TIMING.discoverTimeoutMs);
    await call;
  });
});

test("A redirect is reported with the origin that it points to, without the path", async () => {
  const headers = { location: "http://portal.example/login?next=ecs" };
  const { fetch } = fakeFetch(() => new Response(null, { status: 302, headers }));
  await assert.rejects(
    discoverPollEndpoint(inputOf(fetch), NO_ABORT),
    (error) =>
      error instanceof DiscoverPollEndpointError && error.redirectsTo === "http://portal.example",
  );
});
