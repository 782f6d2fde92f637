import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { SignatureV4 } from "@smithy/signature-v4";
import {
  AcsEmulator,
  type EmulatorCredentials,
  type EmulatorOptions,
  EXAMPLE_CREDENTIALS,
} from "../../emulator/mod.ts";
import { Sha256 } from "../testing/sha256.ts";
import { test } from "../testing/test.ts";
import {
  expectRefusal,
  openSocket,
  QUERY,
  signHeaders,
  TestAgent,
  upgradeUrl,
} from "./test_agent.ts";

const BODY = JSON.stringify({ containerInstance: QUERY.containerInstanceArn, cluster: "default" });
const API_HEADERS = {
  "content-type": "application/x-amz-json-1.1",
  "x-amz-target": "AmazonEC2ContainerServiceV20141113.DiscoverPollEndpoint",
};
const TEMPORARY: EmulatorCredentials = {
  ...EXAMPLE_CREDENTIALS,
  sessionToken: "token/with+signs==",
};

/** Signs with the AWS SDK's signer. */
async function signWithSdk(
  url: URL,
  request: { method: string; headers: Record<string, string>; body?: string },
  credentials: EmulatorCredentials,
): Promise<Record<string, string>> {
  const signer = new SignatureV4({
    credentials,
    region: "us-west-2",
    service: "ecs",
    sha256: Sha256,
  });
  const signed = await signer.sign({
    ...request,
    headers: { host: url.host, ...request.headers },
    protocol: url.protocol,
    hostname: url.hostname,
    port: Number(url.port),
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
  });
  return signed.headers;
}

/** Calls DiscoverPollEndpoint. */
async function discover(
  emulator: AcsEmulator,
  headers: Record<string, string>,
  body = BODY,
): Promise<{ status: number; date: string | null; answer: Record<string, string> }> {
  const response = await fetch(emulator.url, { method: "POST", headers, body });
  return {
    status: response.status,
    date: response.headers.get("date"),
    answer: await response.json(),
  };
}

function signDiscover(
  emulator: AcsEmulator,
  options: Parameters<typeof signHeaders>[1] = {},
): Promise<Record<string, string>> {
  return signHeaders(`${emulator.url}/`, {
    method: "POST",
    body: BODY,
    headers: API_HEADERS,
    ...options,
  });
}

for (
  const [kind, credentials] of [["long-lived", EXAMPLE_CREDENTIALS], [
    "temporary",
    TEMPORARY,
  ]] as const
) {
  test(`Requests that aws4fetch signs with ${kind} credentials are accepted`, async () => {
    await using emulator = await AcsEmulator.listen({ credentials });

    const discovered = await discover(emulator, await signDiscover(emulator, credentials));
    const agent = await TestAgent.connect(emulator, { credentials });

    assert.equal(Object(discovered.answer).endpoint, `${emulator.url}/`);
    await agent.leave();
  });

  test(`Requests that the AWS SDK's signer signs with ${kind} credentials are accepted`, async () => {
    await using emulator = await AcsEmulator.listen({ credentials });
    const api = { method: "POST", headers: API_HEADERS, body: BODY };
    const upgrade = { method: "GET", headers: {} };

    const discovered = await discover(
      emulator,
      await signWithSdk(new URL(emulator.url), api, credentials),
    );
    const headers = await signWithSdk(new URL(upgradeUrl(emulator)), upgrade, credentials);
    const agent = await TestAgent.connect(emulator, { headers });

    assert.equal(discovered.status, 200);
    await agent.leave();
  });
}

test("A signer may sign every header it sends, as the Go SDK does", async () => {
  await using emulator = await AcsEmulator.listen();
  const headers = { ...API_HEADERS, "content-length": String(BODY.length), "x-extra": "a  b" };

  const signed = await signDiscover(emulator, { headers, allHeaders: true });

  assert.match(
    signed.authorization ?? "",
    /content-length;content-type;host;x-amz-date;x-amz-target/,
  );
  assert.equal((await discover(emulator, signed)).status, 200);
});

test("A space in the query may be written as a plus sign or as %20", async () => {
  await using emulator = await AcsEmulator.listen();
  const plus = upgradeUrl(emulator);
  assert.ok(plus.includes("DockerVersion%3A+25.0.6"));

  for (const url of [plus, plus.replace("+", "%20")]) {
    const response = await fetch(url, { headers: await signHeaders(url) });
    // Without upgrade headers the request goes to the API, which has nothing at this path.
    assert.equal((await response.json()).message, "Only POST / is served here");
  }
  const agent = await TestAgent.connect(emulator, {
    headers: await signHeaders(plus.replace("+", "%20")),
  });
  await agent.leave();
});

/** Headers that an agent might send, and the expected exception. */
interface Case {
  readonly title: string;
  readonly exception: string;
  readonly message: RegExp;
  readonly options?: EmulatorOptions;
  readonly sign?: Parameters<typeof signHeaders>[1];
  readonly alter?: (headers: Record<string, string>) => Record<string, string>;
}

const MISMATCH = /does not match the signature you provided/;

const CASES: readonly Case[] = [
  {
    title: "no signature",
    exception: "MissingAuthenticationTokenException",
    message: /Missing Authentication Token/,
    alter: ({ authorization: _, ...rest }) => rest,
  },
  {
    title: "another kind of authorization",
    exception: "IncompleteSignatureException",
    message: /AWS4-HMAC-SHA256/,
    alter: (headers) => ({ ...headers, authorization: "Bearer abc" }),
  },
  {
    title: "an incomplete credential scope",
    exception: "IncompleteSignatureException",
    message: /^Credential must have exactly 5 slash-delimited elements/,
    alter: (headers) => altered(headers, "/aws4_request", ""),
  },
  {
    title: "nothing after the algorithm",
    exception: "IncompleteSignatureException",
    message: new RegExp(
      "^Authorization header requires 'Credential' parameter. " +
        "Authorization header requires 'Signature' parameter. " +
        "Authorization header requires 'SignedHeaders' parameter.$",
    ),
    alter: (headers) => ({ ...headers, authorization: "AWS4-HMAC-SHA256 Nothing=1" }),
  },
  {
    title: "an invalid date",
    exception: "IncompleteSignatureException",
    message: /^Date must be in ISO-8601 'basic format'. Got 'today'/,
    alter: (headers) => ({ ...headers, "x-amz-date": "today" }),
  },
  {
    title: "no date",
    exception: "IncompleteSignatureException",
    message: /X-Amz-Date/,
    alter: ({ "x-amz-date": _, ...rest }) => rest,
  },
  {
    title: "an unknown access key",
    exception: "UnrecognizedClientException",
    message: /security token included in the request is invalid/,
    sign: { accessKeyId: "AKIAI44QH8DHBEXAMPLE" },
  },
  {
    title: "the wrong secret key",
    exception: "InvalidSignatureException",
    message: MISMATCH,
    sign: { secretAccessKey: "not the secret" },
  },
  {
    title: "no session token",
    exception: "UnrecognizedClientException",
    message: /security token/,
    options: { credentials: TEMPORARY },
  },
  {
    title: "an unknown session token",
    exception: "UnrecognizedClientException",
    message: /security token/,
    sign: { sessionToken: "made up" },
  },
  {
    title: "a session token that is not signed",
    exception: "InvalidSignatureException",
    message: /^'x-amz-security-token' must be a 'SignedHeader' in the AWS Authorization.$/,
    options: { credentials: TEMPORARY },
    alter: (headers) => ({ ...headers, "x-amz-security-token": TEMPORARY.sessionToken ?? "" }),
  },
  {
    title: "another region",
    exception: "InvalidSignatureException",
    message: /^Credential should be scoped to a valid region, not 'eu-west-1'.$/,
    sign: { region: "eu-west-1" },
  },
  {
    title: "a scope that is wrong in several ways",
    exception: "InvalidSignatureException",
    message: /valid region, not 'eu-west-1'.*correct service: 'ecs'.*'aws4_request', not 'aws5'/,
    sign: { region: "eu-west-1", service: "s3" },
    alter: (headers) => altered(headers, "/aws4_request", "/aws5"),
  },
  {
    title: "another service",
    exception: "InvalidSignatureException",
    message: /correct service: 'ecs'/,
    sign: { service: "s3" },
  },
  {
    title: "a scope of another day",
    exception: "InvalidSignatureException",
    message: /Date in Credential scope/,
    alter: (headers) => altered(headers, /\/\d{8}\//, "/20200101/"),
  },
  {
    title: "a date more than five minutes old",
    exception: "InvalidSignatureException",
    message: /Signature expired/,
    options: { clockSkewMs: 301_000 },
  },
  {
    title: "a date more than five minutes ahead",
    exception: "InvalidSignatureException",
    message: /not yet current/,
    options: { clockSkewMs: -302_000 },
  },
  {
    title: "an unknown access key and an old date",
    exception: "InvalidSignatureException",
    message: /Signature expired/,
    options: { clockSkewMs: 301_000 },
    sign: { accessKeyId: "AKIAI44QH8DHBEXAMPLE" },
  },
  {
    title: "a signature cut short",
    exception: "InvalidSignatureException",
    message: MISMATCH,
    alter: (headers) => ({ ...headers, authorization: headers.authorization?.slice(0, -1) ?? "" }),
  },
  {
    title: "a signature with one digit changed",
    exception: "InvalidSignatureException",
    message: MISMATCH,
    alter: (headers) => altered(headers, /.$/, (digit) => digit === "0" ? "1" : "0"),
  },
  {
    title: "signed headers that differ from those in the signature",
    exception: "InvalidSignatureException",
    message: MISMATCH,
    alter: (headers) => altered(headers, "SignedHeaders=host;", "SignedHeaders=host;x-absent;"),
  },
  {
    title: "a date that is not signed",
    exception: "InvalidSignatureException",
    message: /^'x-amz-date' must be a 'SignedHeader' in the AWS Authorization.$/,
    alter: (headers) => altered(headers, ";x-amz-date", ""),
  },
  {
    title: "an AWS header that was added after signing",
    exception: "InvalidSignatureException",
    message: /^'x-amz-added' must be a 'SignedHeader' in the AWS Authorization.$/,
    alter: (headers) => ({ ...headers, "x-amz-added": "later" }),
  },
  {
    title: "a host that is not signed",
    exception: "InvalidSignatureException",
    message: /^'Host' must be a 'SignedHeader' in the AWS Authorization.$/,
    alter: (headers) => altered(headers, "SignedHeaders=host;", "SignedHeaders="),
  },
];

function unaltered(headers: Record<string, string>): Record<string, string> {
  return headers;
}

function altered(
  headers: Record<string, string>,
  from: string | RegExp,
  to: string | ((match: string) => string),
): Record<string, string> {
  const { authorization = "" } = headers;
  const changed = typeof to === "string"
    ? authorization.replace(from, to)
    : authorization.replace(from, to);
  assert.notEqual(changed, authorization);
  return { ...headers, authorization: changed };
}

for (const { title, exception, message, options, sign, alter = unaltered } of CASES) {
  test(`DiscoverPollEndpoint with ${title} is answered with ${exception}`, async () => {
    await using emulator = await AcsEmulator.listen(options);

    const { status, answer } = await discover(emulator, alter(await signDiscover(emulator, sign)));

    assert.equal(status, 400);
    assert.equal(answer.__type, `com.amazonaws.ecs#${exception}`);
    assert.match(answer.message ?? "", message);
  });

  test(`An upgrade with ${title} is refused with AccessDeniedException`, async () => {
    await using emulator = await AcsEmulator.listen(options);

    const headers = alter(await signHeaders(upgradeUrl(emulator), sign));
    const { status, body } = await expectRefusal(emulator, { headers });

    assert.equal(status, 403);
    const { type, message: { message: words } } = JSON.parse(body);
    assert.equal(type, "AccessDeniedException");
    assert.match(words, message);
  });
}

test("An unsigned X-Amz-Target is refused: it could be replaced on the way", async () => {
  await using emulator = await AcsEmulator.listen();
  const { "x-amz-target": target = "", ...signable } = API_HEADERS;

  const headers = await signDiscover(emulator, { headers: signable });
  const { status, answer } = await discover(emulator, { ...headers, "x-amz-target": target });

  assert.equal(status, 400);
  assert.equal(answer.__type, "com.amazonaws.ecs#InvalidSignatureException");
  assert.equal(
    answer.message,
    "'x-amz-target' must be a 'SignedHeader' in the AWS Authorization.",
  );
});

test("A body that was changed after signing is refused", async () => {
  await using emulator = await AcsEmulator.listen();
  const headers = await signDiscover(emulator);

  const { answer } = await discover(emulator, headers, BODY.replace("default", "defaulx"));

  assert.equal(answer.__type, "com.amazonaws.ecs#InvalidSignatureException");
});

test("A changed body is refused even if its hash is signed as a header", async () => {
  await using emulator = await AcsEmulator.listen();
  const hash = createHash("sha256").update(BODY).digest("hex");
  const headers = await signDiscover(emulator, {
    headers: { ...API_HEADERS, "x-amz-content-sha256": hash },
  });

  const intact = await discover(emulator, headers);
  const changed = await discover(emulator, headers, BODY.replace("default", "defaulx"));

  assert.equal(intact.status, 200);
  assert.equal(changed.answer.__type, "com.amazonaws.ecs#InvalidSignatureException");
});

test("A header that was changed after signing is refused", async () => {
  await using emulator = await AcsEmulator.listen();
  const headers = await signDiscover(emulator, { headers: { ...API_HEADERS, "x-extra": "1" } });

  const { answer } = await discover(emulator, { ...headers, "x-extra": "2" });

  assert.equal(answer.__type, "com.amazonaws.ecs#InvalidSignatureException");
});

test("A query that was changed after signing is refused", async () => {
  await using emulator = await AcsEmulator.listen();
  const headers = await signHeaders(upgradeUrl(emulator));

  const { status } = await expectRefusal(emulator, { headers, query: { sendCredentials: "true" } });

  assert.equal(status, 403);
});

test("A date within five minutes of the service's clock is accepted", async () => {
  for (const clockSkewMs of [-298_000, 298_000]) {
    await using emulator = await AcsEmulator.listen({ clockSkewMs });
    const agent = await TestAgent.connect(emulator);
    await agent.leave();
  }
});

test("A refusal has the service's time, so that an agent can correct its clock", async () => {
  const clockSkewMs = 3_600_000;
  await using emulator = await AcsEmulator.listen({ clockSkewMs });

  const refusal = await expectRefusal(emulator);
  const discovered = await discover(emulator, await signDiscover(emulator));

  for (const date of [refusal.date, discovered.date]) {
    const skew = Date.parse(date ?? "") - Date.now();
    assert.ok(Math.abs(skew - clockSkewMs) < 60_000, `${date} is ${skew} ms ahead`);
  }
  const datetime = new Date(emulator.now()).toISOString().replace(/[-:]|\.\d{3}/g, "");
  const corrected = await signHeaders(upgradeUrl(emulator), { datetime });
  const agent = await TestAgent.connect(emulator, { headers: corrected });
  await agent.leave();
});

test("An accepted upgrade has the service's time, too", async () => {
  await using emulator = await AcsEmulator.listen({ clockSkewMs: -120_000 });
  const socket = await openSocket(emulator);

  const date = await new Promise<string | undefined>((resolve) => {
    socket.on("upgrade", (response: IncomingMessage) => resolve(response.headers.date));
  });

  assert.equal(date, new Date(Date.parse(date ?? "")).toUTCString());
  assert.ok(Math.abs(Date.parse(date) - Date.now() + 120_000) < 60_000);
});

test("Rotated credentials replace the old ones", async () => {
  await using emulator = await AcsEmulator.listen();
  const rotated = { accessKeyId: "AKIAI44QH8DHBEXAMPLE", secretAccessKey: "another" };

  emulator.acceptCredentials(rotated);

  assert.equal((await expectRefusal(emulator)).status, 403);
  const agent = await TestAgent.connect(emulator, { credentials: rotated });
  await agent.leave();
});
