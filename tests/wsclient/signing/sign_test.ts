import { SignatureV4 } from "@smithy/signature-v4";
import fc from "fast-check";
import assert from "node:assert/strict";
import { acsUrl } from "../../../wsclient/acs_url.ts";
import type { AwsCredentialIdentity } from "../../../wsclient/signing/credentials.ts";
import {
  type SignatureInput,
  SIGNING_SERVICE,
  signRequest,
} from "../../../wsclient/signing/sign.ts";
import { Sha256 } from "../../testing/sha256.ts";
import { test } from "../../testing/test.ts";

const CREDENTIALS = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPx" };
const TIME_MS = Date.UTC(2026, 0, 1, 2, 3, 4, 567);

/** The same request, signed by the AWS SDK's own signer. */
async function signBySdk(input: SignatureInput): Promise<Record<string, string>> {
  const url = new URL(input.url.replace(/^ws/, "http"));
  const signer = new SignatureV4({
    credentials: input.credentials,
    region: input.region,
    service: "ecs",
    sha256: Sha256,
    applyChecksum: false,
  });
  const query: Record<string, string[]> = {};
  for (const name of new Set(url.searchParams.keys())) query[name] = url.searchParams.getAll(name);
  const { headers } = await signer.sign({
    method: input.method ?? "GET",
    protocol: url.protocol,
    hostname: url.hostname,
    path: url.pathname,
    query,
    headers: { host: url.host, ...input.headers },
    ...(input.body === undefined ? {} : { body: input.body }),
  }, {
    signingDate: new Date(input.timeMs),
    // The signer chooses which of the given headers it signs; aws4fetch leaves this one out.
    unsignableHeaders: new Set(["content-type"]),
  });
  const { host: _host, ...rest } = headers;
  return rest;
}

const region = fc.constantFrom("us-west-2", "cn-north-1", "us-gov-west-1");
const text = fc.string({ unit: "binary" });
const credentials: fc.Arbitrary<AwsCredentialIdentity> = fc.record({
  accessKeyId: fc.stringMatching(/^[A-Z0-9]{16,32}$/),
  secretAccessKey: fc.stringMatching(/^[A-Za-z0-9/+]{40}$/),
}, { requiredKeys: ["accessKeyId", "secretAccessKey"] });
const sessionToken = fc.stringMatching(/^[A-Za-z0-9/+]{20,200}={0,2}$/);
const maybeTemporary = fc.oneof(
  credentials,
  fc.tuple(credentials, sessionToken).map(([keys, token]) => ({ ...keys, sessionToken: token })),
);
const timeMs = fc.integer({ min: 0, max: Date.UTC(2100, 0, 1) });
const headers = fc.dictionary(
  fc.stringMatching(/^x-[a-z]{1,8}$/).filter((name) => !name.startsWith("x-amz")),
  fc.stringMatching(/^[!-~]([ -~]{0,20}[!-~])?$/),
  { maxKeys: 4 },
);

/** The SDK's signer takes the query as an object, in which a __proto__ gets lost. */
const queryName = text.filter((name) => name !== "" && name !== "__proto__");

test("Every upgrade is signed exactly as the AWS SDK signs it, whatever its query and keys contain", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        agentHash: text,
        agentVersion: text,
        cluster: text,
        containerInstanceArn: text,
        dockerVersion: text,
        sendCredentials: fc.boolean(),
      }),
      fc.constantFrom(
        "https://acs.example",
        "http://localhost:8080",
        "https://acs.example/a/b%20c",
      ),
      region,
      maybeTemporary,
      timeMs,
      async (parameters, endpoint, region, credentials, timeMs) => {
        const input = { url: acsUrl(endpoint, parameters), region, credentials, timeMs };
        assert.deepEqual(await signRequest(input), await signBySdk(input));
      },
    ),
    { numRuns: 60 },
  );
});

test("Every call is signed exactly as the AWS SDK signs it, whatever its query, headers and body contain", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(queryName, text), { maxLength: 6 }),
      headers,
      fc.string({ unit: "binary" }),
      maybeTemporary,
      async (query, headers, body, credentials) => {
        const input = {
          method: "POST",
          url: `https://ecs.us-west-2.amazonaws.com/?${new URLSearchParams(query)}`,
          headers: { "content-type": "application/x-amz-json-1.1", ...headers },
          body,
          region: "us-west-2",
          credentials,
          timeMs: TIME_MS,
        };
        assert.deepEqual(await signRequest(input), await signBySdk(input));
      },
    ),
    { numRuns: 60 },
  );
});

test("A space that the query encodes as a plus is signed as a space, a plus as a plus", async () => {
  const signedAs = async (query: string) =>
    (await signRequest({
      url: `wss://acs.example/ws?${query}`,
      region: "us-west-2",
      credentials: CREDENTIALS,
      timeMs: TIME_MS,
    })).authorization;
  assert.equal(await signedAs("a=DockerVersion%3A+25"), await signedAs("a=DockerVersion%3A%2025"));
  assert.notEqual(await signedAs("a=1+2"), await signedAs("a=1%2B2"));
});

test("The headers contain the signature, the time and, only with temporary keys, the token", async () => {
  const input = {
    url: "wss://acs.example/ws?a=b",
    region: "us-west-2",
    credentials: CREDENTIALS,
    timeMs: TIME_MS,
  };
  const longLived = await signRequest(input);
  assert.deepEqual(Object.keys(longLived).sort(), ["authorization", "x-amz-date"]);
  assert.equal(longLived["x-amz-date"], "20260101T020304Z");
  assert.match(
    longLived.authorization ?? "",
    /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/20260101\/us-west-2\/ecs\/aws4_request, SignedHeaders=host;x-amz-date, Signature=[0-9a-f]{64}$/,
  );
  const temporary = await signRequest({
    ...input,
    credentials: { ...CREDENTIALS, sessionToken: "token" },
  });
  assert.equal(temporary["x-amz-security-token"], "token");
  assert.match(
    temporary.authorization ?? "",
    /SignedHeaders=host;x-amz-date;x-amz-security-token,/,
  );
  const empty = await signRequest({
    ...input,
    credentials: { ...CREDENTIALS, sessionToken: "" },
  });
  assert.deepEqual(empty, longLived);
});

test("A WebSocket URL is signed as the HTTP request that its upgrade is", async () => {
  const sign = (url: string) =>
    signRequest({ url, region: "us-west-2", credentials: CREDENTIALS, timeMs: TIME_MS });
  assert.deepEqual(await sign("wss://acs.example/ws"), await sign("https://acs.example/ws"));
  assert.deepEqual(await sign("ws://acs.example/ws"), await sign("http://acs.example/ws"));
});

test("The given headers are sent, in lower case, and the given object is not changed", async () => {
  const headers = { "X-Amz-Target": "A.B", "Content-Type": "application/x-amz-json-1.1" };
  const signed = await signRequest({
    method: "POST",
    url: "https://ecs.example/",
    headers,
    body: "{}",
    region: "us-west-2",
    credentials: CREDENTIALS,
    timeMs: TIME_MS,
  });
  assert.equal(signed["x-amz-target"], "A.B");
  assert.equal(signed["content-type"], "application/x-amz-json-1.1");
  assert.equal("host" in signed, false);
  assert.deepEqual(Object.keys(headers), ["X-Amz-Target", "Content-Type"]);
});

test("The body, the region, the time and the secret key all change the signature", async () => {
  const input = {
    url: "https://ecs.example/",
    body: "{}",
    region: "us-west-2",
    credentials: CREDENTIALS,
    timeMs: TIME_MS,
  };
  const others: SignatureInput[] = [
    { ...input, body: "{ }" },
    { ...input, method: "POST" },
    { ...input, region: "us-west-1" },
    { ...input, timeMs: TIME_MS + 1000 },
    { ...input, credentials: { ...CREDENTIALS, secretAccessKey: "other" } },
    { ...input, url: "https://ecs.example/a" },
  ];
  const signatures = await Promise.all(
    [input, ...others].map(async (each) => (await signRequest(each)).authorization?.slice(-64)),
  );
  assert.equal(new Set(signatures).size, others.length + 1);
  assert.equal(SIGNING_SERVICE, "ecs");
});
