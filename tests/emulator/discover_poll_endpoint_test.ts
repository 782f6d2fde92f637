import assert from "node:assert/strict";
import { request } from "node:http";
import { AcsEmulator } from "../../emulator/mod.ts";
import { test } from "../testing/test.ts";
import { signHeaders, TestAgent, upgradeUrl } from "./test_agent.ts";

const HEADERS = {
  "content-type": "application/x-amz-json-1.1",
  "x-amz-target": "AmazonEC2ContainerServiceV20141113.DiscoverPollEndpoint",
};

interface Call {
  readonly body?: string;
  readonly headers?: Record<string, string>;
  readonly path?: string;
}

async function call(
  emulator: AcsEmulator,
  { body = '{"containerInstance":"an-arn","cluster":"default"}', headers = {}, path = "/" }: Call =
    {},
): Promise<Response> {
  const url = `${emulator.url}${path}`;
  const signed = await signHeaders(url, {
    method: "POST",
    body,
    headers: { ...HEADERS, ...headers },
  });
  return await fetch(url, { method: "POST", body, headers: signed });
}

test("DiscoverPollEndpoint returns the emulator's own address, and the event names the caller", async () => {
  await using emulator = await AcsEmulator.listen();
  const discovered = emulator.waitFor("discovered");

  const response = await call(emulator);

  assert.equal(response.headers.get("content-type"), "application/x-amz-json-1.1");
  assert.deepEqual(await response.json(), {
    endpoint: `${emulator.url}/`,
    telemetryEndpoint: `${emulator.url}/telemetry`,
  });
  assert.deepEqual(await discovered, { containerInstance: "an-arn", cluster: "default" });
  assert.equal(emulator.discoverCount, 1);
});

test("An agent that calls the emulator by another name gets an endpoint with that name", async () => {
  await using emulator = await AcsEmulator.listen();
  const named = emulator.url.replace("127.0.0.1", "localhost");
  const headers = await signHeaders(named, { method: "POST", body: "{}", headers: HEADERS });
  // fetch may resolve localhost to an address without a listener, so only the header is changed.
  const answer = await new Promise<string>((resolve, reject) => {
    const sent = request(emulator.url, {
      method: "POST",
      headers: { ...headers, host: new URL(named).host },
    }, (response) => {
      response.setEncoding("utf8").once("data", resolve);
    });
    sent.once("error", reject).end("{}");
  });
  assert.deepEqual(JSON.parse(answer), {
    endpoint: `${named}/`,
    telemetryEndpoint: `${named}/telemetry`,
  });
});

for (
  const [publicUrl, endpoint, signedUrl] of [
    ["https://acs.example", "https://acs.example/", "https://acs.example/"],
    ["https://acs.example:8443/acs/1/", "https://acs.example:8443/acs/1/", undefined],
    ["http://acs.example/acs/1", "http://acs.example/acs/1", "http://acs.example/acs/1/"],
  ] as const
) {
  test(`Behind a proxy at ${publicUrl}, agents get that endpoint, however the proxy changes their requests`, async () => {
    await using emulator = await AcsEmulator.listen({ publicUrl });
    const signed = await signHeaders(signedUrl ?? publicUrl, {
      method: "POST",
      body: "{}",
      headers: HEADERS,
    });

    for (const path of new Set(["/", new URL(signedUrl ?? publicUrl).pathname])) {
      const response = await fetch(`${emulator.url}${path}`, {
        method: "POST",
        body: "{}",
        headers: signed,
      });
      assert.deepEqual(await response.json(), {
        endpoint,
        telemetryEndpoint: `${publicUrl.replace(/\/$/, "")}/telemetry`,
      });
    }
    assert.equal(emulator.publicUrl, publicUrl.replace(/\/$/, ""));
  });
}

test("An agent behind a proxy that changes host and path is accepted", async () => {
  await using emulator = await AcsEmulator.listen({ publicUrl: "https://acs.example/acs/1/" });
  const headers = await signHeaders(upgradeUrl({ url: "https://acs.example/acs/1" }));

  const agent = await TestAgent.connect(emulator, { headers });

  assert.equal(emulator.connections.length, 1);
  await agent.leave();
});

test("The host of an unknown proxy makes no signature valid", async () => {
  await using emulator = await AcsEmulator.listen({ publicUrl: "https://acs.example/" });
  const headers = await signHeaders("https://other.example/", {
    method: "POST",
    body: "{}",
    headers: HEADERS,
  });
  const response = await fetch(emulator.url, { method: "POST", body: "{}", headers });
  assert.match((await response.json()).__type, /InvalidSignatureException/);
});

test("DiscoverPollEndpoint returns the endpoint that was set", async () => {
  await using emulator = await AcsEmulator.listen();
  emulator.endpoint = "https://acs.example/";

  assert.equal((await (await call(emulator)).json()).endpoint, "https://acs.example/");
});

/** Each with the operation that is reported. */
const MISTAKES: readonly [string, Call, number, string, string?][] = [
  ["A body that is not JSON", { body: "{" }, 400, "SerializationException"],
  ["A body that is not an object", { body: "[]" }, 400, "SerializationException"],
  [
    "A container instance that is not a string",
    { body: '{"containerInstance":1}' },
    400,
    "SerializationException",
  ],
  [
    "Another content type",
    { headers: { "content-type": "text/plain" } },
    400,
    "SerializationException",
  ],
  [
    "Another operation",
    {
      headers: {
        "x-amz-target": "AmazonEC2ContainerServiceV20141113.CreateTaskSet",
      },
    },
    400,
    "UnknownOperationException",
    "CreateTaskSet",
  ],
  [
    "An operation of another API",
    { headers: { "x-amz-target": "Other.Do" } },
    400,
    "UnknownOperationException",
    "Other.Do",
  ],
  [
    "An operation without the API's name",
    { headers: { "x-amz-target": "DiscoverPollEndpointX" } },
    400,
    "UnknownOperationException",
    "DiscoverPollEndpointX",
  ],
  [
    "No operation",
    { headers: { "x-amz-target": "" } },
    400,
    "UnknownOperationException",
    "POST /",
  ],
  ["Another path", { path: "/other" }, 404, "UnknownOperationException"],
  ["A huge body", { body: `"${"x".repeat(70_000)}"` }, 413, "RequestEntityTooLargeException"],
];

for (
  const [title, mistake, status, exception, operation = "DiscoverPollEndpoint"] of MISTAKES
) {
  test(`${title} is answered with ${exception}, and reported under its own name`, async () => {
    await using emulator = await AcsEmulator.listen();
    const refusal = emulator.waitFor("refused");

    const response = await call(emulator, mistake);

    assert.equal(response.status, status);
    const { __type, message } = await response.json();
    assert.equal(__type, `com.amazonaws.ecs#${exception}`);
    const { request, reason, ...event } = await refusal;
    assert.equal(request, operation);
    assert.equal(emulator.transcript[0]?.request, operation);
    assert.deepEqual([event.status, event.exception], [status, exception]);
    assert.equal(reason, message);
    if (operation !== "DiscoverPollEndpoint") assert.ok(message.startsWith(operation), message);
  });
}

test("An injected fault refuses DiscoverPollEndpoint `next` times, and the calls still count", async () => {
  await using emulator = await AcsEmulator.listen();
  emulator.refuseNextDiscover({
    status: 400,
    exception: "ClientException",
    message: "no",
    next: 2,
  });

  for (const attempt of [1, 2]) {
    const response = await call(emulator);
    assert.equal(response.status, 400);
    assert.deepEqual(await response.json(), {
      __type: "com.amazonaws.ecs#ClientException",
      message: "no",
    });
    assert.equal(emulator.discoverCount, attempt);
  }
  const response = await call(emulator);
  assert.equal(response.status, 200);
  await response.body?.cancel();
});

test("An injected fault can return any body for DiscoverPollEndpoint", async () => {
  await using emulator = await AcsEmulator.listen();
  emulator.refuseNextDiscover({ status: 200, body: "{}" });

  const response = await call(emulator);

  assert.deepEqual([response.status, await response.text()], [200, "{}"]);
});

test("An injected hang leaves DiscoverPollEndpoint unanswered until the emulator closes", async () => {
  const emulator = await AcsEmulator.listen();
  emulator.hangNextDiscover();
  const refusal = emulator.waitFor("refused");

  const failed = assert.rejects(call(emulator), TypeError);
  assert.equal((await refusal).status, undefined);
  await emulator.close();

  await failed;
});

test("An agent that disconnects during DiscoverPollEndpoint does no harm", async () => {
  await using emulator = await AcsEmulator.listen();
  emulator.hangNextDiscover();
  const refusal = emulator.waitFor("refused");
  const url = `${emulator.url}/`;
  const headers = await signHeaders(url, { method: "POST", body: "{}", headers: HEADERS });
  const left = new AbortController();

  const pending = fetch(url, { method: "POST", body: "{}", headers, signal: left.signal });
  await refusal;
  left.abort();

  await assert.rejects(pending, { name: "AbortError" });
  assert.equal((await (await call(emulator)).json()).endpoint, url);
});
