import assert from "node:assert/strict";
// @ts-types="@types/ws"
import { WebSocket } from "ws";
import {
  AcsEmulator,
  SAMPLE_CLUSTER_ARN,
  SAMPLE_CONTAINER_INSTANCE_ARN,
} from "../../emulator/mod.ts";
import { test } from "../testing/test.ts";
import {
  expectRefusal,
  openSocket,
  QUERY,
  signHeaders,
  TestAgent,
  upgradeUrl,
} from "./test_agent.ts";

/** Status and exception of a framed refusal. */
function summary({ status, body }: { status: number; body: string }): [number, string] {
  const { type, message } = JSON.parse(body);
  assert.equal(typeof message.message, "string");
  return [status, type];
}

for (const name of Object.keys(QUERY).filter((name) => name !== "dockerVersion")) {
  test(`An upgrade without ${name} is refused with BadRequestException`, async () => {
    await using emulator = await AcsEmulator.listen();

    const refusal = await expectRefusal(emulator, { query: { [name]: undefined } });

    assert.deepEqual(summary(refusal), [400, "BadRequestException"]);
    assert.ok(refusal.body.includes(name));
  });
}

test("An upgrade may omit dockerVersion", async () => {
  await using emulator = await AcsEmulator.listen();

  const agent = await TestAgent.connect(emulator, { query: { dockerVersion: undefined } });

  assert.equal(emulator.connections[0]?.query.dockerVersion, undefined);
  await agent.leave();
});

test("Malformed values in the query are refused with BadRequestException", async () => {
  await using emulator = await AcsEmulator.listen();
  for (const query of [{ sendCredentials: "yes" }, { protocolVersion: "two" }, { seqNum: "-1" }]) {
    assert.deepEqual(summary(await expectRefusal(emulator, { query })), [
      400,
      "BadRequestException",
    ]);
  }
});

test("Anything but the ARN of a container instance is refused with InvalidInstanceException", async () => {
  await using emulator = await AcsEmulator.listen();
  const query = { containerInstanceArn: SAMPLE_CLUSTER_ARN };

  const refusal = await expectRefusal(emulator, { query });

  assert.deepEqual(summary(refusal), [400, "InvalidInstanceException"]);
});

test("With registered container instances, an unknown one is refused until it is registered", async () => {
  await using emulator = await AcsEmulator.listen({ containerInstances: [] });

  const refusal = await expectRefusal(emulator);
  emulator.registerContainerInstance(SAMPLE_CONTAINER_INSTANCE_ARN);
  const agent = await TestAgent.connect(emulator);

  assert.deepEqual(summary(refusal), [400, "InvalidInstanceException"]);
  await agent.leave();
});

test("A deregistered container instance keeps its connection and is refused afterwards", async () => {
  await using emulator = await AcsEmulator.listen();
  const agent = await TestAgent.connect(emulator);

  emulator.deregisterContainerInstance(SAMPLE_CONTAINER_INSTANCE_ARN);

  assert.equal(emulator.connections[0]?.open, true);
  await agent.leave();
  assert.deepEqual(summary(await expectRefusal(emulator)), [400, "InactiveInstanceException"]);
});

test("The cluster may be given by name or ARN, and another one is refused", async () => {
  await using emulator = await AcsEmulator.listen({ clusterArn: SAMPLE_CLUSTER_ARN });
  for (const clusterArn of ["default", SAMPLE_CLUSTER_ARN]) {
    const agent = await TestAgent.connect(emulator, { query: { clusterArn } });
    assert.equal(emulator.connections.at(-1)?.clusterArn, SAMPLE_CLUSTER_ARN);
    await agent.leave();
  }

  const refusal = await expectRefusal(emulator, { query: { clusterArn: "other" } });

  assert.deepEqual(summary(refusal), [400, "InvalidClusterException"]);
});

test("An injected refusal is framed like a message, and the next attempt is accepted", async () => {
  await using emulator = await AcsEmulator.listen();
  emulator.refuseNextUpgrade({ status: 400, exception: "InvalidClusterException", message: "no" });

  const { status, body } = await expectRefusal(emulator);
  const agent = await TestAgent.connect(emulator);

  assert.equal(status, 400);
  assert.equal(body, '{"type":"InvalidClusterException","message":{"message":"no"}}');
  await agent.leave();
});

test("An injected refusal may have the bare form", async () => {
  await using emulator = await AcsEmulator.listen();
  emulator.refuseNextUpgrade({ exception: "ServerException", message: "no", framed: false });

  assert.equal((await expectRefusal(emulator)).body, '{"ServerException":"no"}');
});

test("Several refusals can be injected, with any body, as from a proxy", async () => {
  await using emulator = await AcsEmulator.listen();
  emulator.refuseNextUpgrade({ status: 502, body: "<h1>Bad Gateway</h1>", next: 2 });

  for (const attempt of [1, 2]) {
    const { status, body } = await expectRefusal(emulator);
    assert.deepEqual([attempt, status, body], [attempt, 502, "<h1>Bad Gateway</h1>"]);
  }
  const agent = await TestAgent.connect(emulator);
  await agent.leave();
});

test("Every refusal is an event", async () => {
  await using emulator = await AcsEmulator.listen();
  const refusal = emulator.waitFor("refused");

  await expectRefusal(emulator, { query: { agentHash: undefined } });

  const { sent, ...event } = await refusal;
  assert.match(sent.target, /^\/ws\?agentVersion=/);
  assert.deepEqual(event, {
    request: "upgrade",
    containerInstanceArn: SAMPLE_CONTAINER_INSTANCE_ARN,
    status: 400,
    exception: "BadRequestException",
    reason: "Missing query parameters: agentHash",
  });
});

test("An injected hang leaves an upgrade unanswered until the emulator closes", async () => {
  const emulator = await AcsEmulator.listen();
  emulator.hangNextUpgrade();
  const refusal = emulator.waitFor("refused");
  const socket = await openSocket(emulator);
  const failed = new Promise<Error>((resolve) => socket.on("error", resolve));

  assert.equal((await refusal).status, undefined);
  assert.equal(socket.readyState, socket.CONNECTING);
  await emulator.close();

  assert.match((await failed).message, /socket hang up|ECONNRESET/);
});

test("An agent that disconnects during its upgrade does no harm", async () => {
  await using emulator = await AcsEmulator.listen();
  emulator.hangNextUpgrade();
  const refusal = emulator.waitFor("refused");
  const socket = await openSocket(emulator);
  socket.on("error", () => {});
  const closed = new Promise((resolve) => socket.on("close", resolve));

  await refusal;
  socket.terminate();
  await closed;

  const agent = await TestAgent.connect(emulator);
  await agent.leave();
});

test("A `next` that is not a whole number of at least 1 is a RangeError", async () => {
  await using emulator = await AcsEmulator.listen();
  assert.throws(() => emulator.refuseNextUpgrade({ next: 0 }), RangeError);
  assert.throws(() => emulator.hangNextUpgrade({ next: 1.5 }), RangeError);
});

for (const path of ["/acs/1/", "/acs/1", "/", "//", "/acs/1//", "/a%20path/"]) {
  test(`An agent whose endpoint has the path ${path} is accepted`, async () => {
    await using emulator = await AcsEmulator.listen();
    const endpoint = `${emulator.url}${path}`;
    const url = upgradeUrl({ url: endpoint.replace(/\/$/, "") });

    const socket = new WebSocket(url.replace(/^http/, "ws"), { headers: await signHeaders(url) });
    const ended = new Promise((resolve) => socket.once("close", resolve));
    await new Promise((resolve, reject) => {
      socket.once("open", resolve);
      socket.once("error", reject);
    });

    socket.terminate();
    await ended;
  });
}

test("A path that does not end in ws is refused, and the error names a valid path", async () => {
  await using emulator = await AcsEmulator.listen();
  for (const path of ["/acs/1", "/wsx", "/ws/"]) {
    const refusal = emulator.waitFor("refused");
    const url = `${emulator.url}${path}`;
    const socket = new WebSocket(url.replace(/^http/, "ws"), { headers: await signHeaders(url) });
    await new Promise((resolve) => socket.once("error", resolve));

    const { status, exception, reason } = await refusal;
    assert.deepEqual([status, exception], [404, "BadRequestException"]);
    assert.equal(reason, `No WebSocket is served at ${path}: the path must end in /ws`);
  }
});
