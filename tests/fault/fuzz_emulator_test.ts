/**
 * Whatever an agent, or something else, sends to the emulator, it keeps running: it answers with
 * HTTP, reports what was wrong in an event, and its memory is released.
 */

import assert from "node:assert/strict";
import { connect } from "node:net";
import fc from "fast-check";
import { AcsEmulator, samplePayload } from "../../emulator/mod.ts";
import { call } from "../emulator/control_client.ts";
import { QUERY, signHeaders, TestAgent, upgradeUrl } from "../emulator/test_agent.ts";
import { until } from "../testing/fakes/fake_time.ts";
import { assertNoPollution, fuzz } from "../testing/fuzz/fuzz_settings.ts";
import { enormousFrames, hostileFrame } from "../testing/hostile/hostile_frames.ts";
import { memoryInUse } from "../testing/measuring/memory.ts";
import { test } from "../testing/test.ts";

/** How much the memory may differ before and after, in bytes. */
const MEMORY_TOLERANCE = 16_000_000;

/** A well-behaved agent is served as before. */
async function assertServes(emulator: AcsEmulator): Promise<void> {
  const agent = await TestAgent.connect(emulator, { query: { sendCredentials: "false" } });
  const { acked } = emulator.sendPayload(samplePayload());
  const [payload] = await agent.waitForFrames(1);
  assert.ok(payload);
  agent.ack(payload);
  await acked;
  await agent.leave();
  assertNoPollution();
}

const odd = fc.oneof(
  fc.constantFrom("__proto__", "constructor", "null", "", "9007199254740993", "-1", "1e400"),
  fc.string({ maxLength: 20 }),
  fc.string({ unit: "binary", maxLength: 10 }),
);

/** Requests as agents send them, each with one thing broken. */
const agentFrame = fc.oneof(
  fc.record({
    type: fc.oneof(
      fc.constantFrom<unknown>(
        ...["AckRequest", "NackRequest", "HeartbeatAckRequest", "IAMRoleCredentialsAckRequest"],
        "TaskStopVerificationMessage",
      ),
      odd,
    ),
    message: fc.oneof(
      fc.record({
        messageId: fc.oneof(odd, fc.jsonValue({ maxDepth: 1 })),
        cluster: fc.constant("default"),
        containerInstance: odd,
        stopCandidates: fc.array(fc.oneof(fc.constant({ taskArn: "a" }), fc.jsonValue()), {
          maxLength: 3,
        }),
      }, { requiredKeys: [] }),
      fc.jsonValue({ maxDepth: 2 }),
    ),
  }).map((frame) =>
    JSON.stringify(frame).replace('"default"', '"default","__proto__":{"polluted":1}')
  ),
  hostileFrame.map((frame) => typeof frame === "string" ? frame : new TextDecoder().decode(frame)),
);

test("20,000 invalid frames are reported as problems, and the emulator keeps serving", async () => {
  const framesAtOnce = 100;
  await using emulator = await AcsEmulator.listen({ heartbeatIntervalMs: 0, historyLimit: 100 });
  let reports = 0;
  for (const type of ["problem", "received"] as const) {
    emulator.addEventListener(type, () => reports++);
  }
  let sent = 0;
  const batch = fc.array(agentFrame, { minLength: framesAtOnce, maxLength: framesAtOnce });
  const property = fc.asyncProperty(batch, async (frames) => {
    const agent = await TestAgent.connect(emulator);
    for (const frame of frames) agent.sendRaw(frame);
    sent += frames.length;
    await until(() => reports >= sent, "every frame is a problem or a message");
    await agent.leave();
  });
  await fuzz(property, 100);
  const before = await memoryInUse();
  await fuzz(property, 100, 1);
  await assertServes(emulator);
  const grown = await memoryInUse() - before;
  assert.ok(grown < MEMORY_TOLERANCE, `${grown} bytes were not released`);
});

test("Frames of 4 MB close their connection, and frames of 100,000 levels are reported as problems", async () => {
  await using emulator = await AcsEmulator.listen({ heartbeatIntervalMs: 0, historyLimit: 10 });
  let problems = 0;
  emulator.addEventListener("problem", () => problems++);
  let count = 0;
  for (const frame of enormousFrames()) {
    if (typeof frame !== "string" || ++count > 20) continue;
    const before = problems;
    const agent = await TestAgent.connect(emulator);
    agent.sendRaw(frame);
    await until(() => problems > before, "it is a problem");
    if (frame.length > 2 ** 20) assert.equal((await agent.ended).code, 1009);
    else await agent.leave();
  }
  await assertServes(emulator);
  assert.ok(JSON.stringify(emulator.transcript).length < 1_000_000, "the stored data is bounded");
});

/** Sends bytes, ends the stream immediately or after an answer, and returns everything received. */
function exchange(
  emulator: AcsEmulator,
  bytes: string | Uint8Array,
  endsAtOnce = true,
): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(emulator.url).port), "127.0.0.1");
    let answer = "";
    socket.setEncoding("latin1").on("data", (text: string) => answer += text);
    // A reset is an answer, too.
    socket.on("error", () => {}).on("close", () => resolve(answer));
    if (endsAtOnce) return socket.end(bytes);
    socket.write(bytes);
    socket.once("data", () => socket.end());
  });
}

/** A request as text, with every possible defect. */
const rawRequest = fc.record({
  method: fc.oneof(fc.constantFrom("GET", "POST", "PUT", "CONNECT", "OPTIONS"), odd),
  path: fc.oneof(fc.constantFrom("/", "/ws", "/ws?x=%", "//", "*", "/emulator/", "http://x/"), odd),
  headers: fc.array(
    fc.tuple(
      fc.oneof(
        fc.constantFrom("Host", "Upgrade", "Connection", "Content-Length", "Authorization"),
        fc.constantFrom("X-Amz-Target", "X-Amz-Date", "Sec-WebSocket-Key", "Transfer-Encoding"),
        odd,
      ),
      fc.oneof(
        fc.constantFrom("websocket", "Upgrade", "chunked", "13", "99999999999", "-1"),
        fc.constantFrom(
          "AWS4-HMAC-SHA256 Credential=/////, SignedHeaders=;, Signature=",
          "a".repeat(9000),
        ),
        fc.constantFrom("AmazonEC2ContainerServiceV20141113.DiscoverPollEndpoint"),
        odd,
      ),
    ),
    { maxLength: 8 },
  ),
  body: odd,
}).map(({ method, path, headers, body }) =>
  [`${method} ${path} HTTP/1.1`, ...headers.map(([name, value]) => `${name}: ${value}`), "", body]
    .join("\r\n")
);

test("Invalid requests are answered with HTTP or cut off, and the emulator keeps serving", async () => {
  await using emulator = await AcsEmulator.listen({ heartbeatIntervalMs: 0, historyLimit: 100 });
  const bytes = fc.oneof(rawRequest, fc.uint8Array({ maxLength: 100 }));
  const property = fc.asyncProperty(
    fc.array(bytes, { minLength: 10, maxLength: 10 }),
    async (all) => {
      for (const answer of await Promise.all(all.map((bytes) => exchange(emulator, bytes)))) {
        assert.match(answer, /^$|^HTTP\/1\.[01] [1-5]\d\d /);
        assert.doesNotMatch(answer, /^HTTP\/1\.[01] 500/);
      }
    },
  );
  await fuzz(property, 100);
  await assertServes(emulator);
});

test("Signed calls with any body and upgrades with any query are answered, and each refusal is reported in an event", async () => {
  await using emulator = await AcsEmulator.listen({ heartbeatIntervalMs: 0, historyLimit: 100 });
  let refused = 0;
  let accepted = 0;
  emulator.addEventListener("refused", () => refused++);
  emulator.addEventListener("discovered", () => accepted++);
  emulator.addEventListener("apiCall", () => accepted++);
  const body = fc.oneof(
    fc.json({ maxDepth: 2 }),
    odd,
    fc.constantFrom("[".repeat(60_000), `{"__proto__":{"polluted":true},"cluster":"default"}`),
    fc.record({ containerInstance: fc.jsonValue({ maxDepth: 1 }), cluster: odd })
      .map((input) => JSON.stringify(input)),
  );
  const target = fc.constantFrom("DiscoverPollEndpoint", "RegisterContainerInstance", "");
  const signed = fc.asyncProperty(body, target, async (body, operation) => {
    const headers = await signHeaders(emulator.url, {
      method: "POST",
      body,
      headers: {
        "content-type": "application/x-amz-json-1.1",
        "x-amz-target": `AmazonEC2ContainerServiceV20141113.${operation}`,
      },
    });
    const before = { refused, accepted };
    const response = await fetch(emulator.url, { method: "POST", headers, body });
    const answer: unknown = await response.json();
    assert.ok(response.status === 200 || response.status >= 400 && response.status < 500);
    assert.ok(typeof answer === "object" && answer !== null);
    const isAccepted = response.status === 200;
    assert.equal(refused, before.refused + (isAccepted ? 0 : 1));
    assert.equal(accepted, before.accepted + (isAccepted ? 1 : 0));
  });
  await fuzz(signed, 500);
  const upgrade = fc.asyncProperty(
    fc.constantFrom(...Object.keys(QUERY), "more"),
    odd,
    async (name, value) => {
      const url = upgradeUrl(emulator, { [name]: value.toWellFormed() });
      const headers = Object.entries(await signHeaders(url));
      const { pathname, search, host } = new URL(url);
      const answer = await exchange(
        emulator,
        [
          `GET ${pathname}${search} HTTP/1.1`,
          `Host: ${host}`,
          "Connection: Upgrade",
          "Upgrade: websocket",
          "Sec-WebSocket-Version: 13",
          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
          ...headers.filter(([name]) => name !== "host").map(([name, value]) =>
            `${name}: ${value}`
          ),
          "\r\n",
        ].join("\r\n"),
        false,
      );
      assert.match(answer, /^HTTP\/1\.1 (101|4\d\d) /);
    },
  );
  await fuzz(upgrade, 300);
  assert.ok(refused > 300 && accepted > 0, `${refused} ${accepted}`);
  await assertServes(emulator);
});

test("Control calls with any input are answered, and none of them with an internal error", async () => {
  await using emulator = await AcsEmulator.listen({ heartbeatIntervalMs: 0, historyLimit: 100 });
  const { body } = await call(emulator, "/emulator/");
  const operations: unknown = body["operations"];
  assert.ok(Array.isArray(operations));
  const paths = operations.filter(({ method }) => method === "POST").map(({ path, fields }) => ({
    path: String(path),
    names: Object.keys(Object(fields)),
  }));
  assert.ok(paths.length > 3);
  const value = fc.oneof(odd, fc.jsonValue({ maxDepth: 2 }));
  const input = fc.constantFrom(...paths).chain(({ path, names }) =>
    fc.oneof(
      fc.dictionary(fc.constantFrom(...names, "__proto__", "more"), value, { maxKeys: 3 }),
      fc.jsonValue({ maxDepth: 1 }),
    ).map((input) => ({ path, input }))
  );
  const property = fc.asyncProperty(input, async ({ path, input }) => {
    const ended = new AbortController();
    // Some wait for something that never happens.
    const timer = setTimeout(() => ended.abort(), 50);
    try {
      const { status } = await call(emulator, path, { body: input, signal: ended.signal });
      assert.ok(status < 500, `${path} answered ${status}`);
    } catch (error) {
      if (!ended.signal.aborted) throw error;
    } finally {
      clearTimeout(timer);
    }
  });
  await fuzz(property, 1000);
  assertNoPollution();
});
