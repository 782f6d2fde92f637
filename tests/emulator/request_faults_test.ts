/**
 * Faults in DiscoverPollEndpoint and in the upgrade.
 */

import assert from "node:assert/strict";
import {
  AcsEmulator,
  type Fault,
  type FaultDetail,
  type InjectFaultOptions,
  SAMPLE_CONTAINER_INSTANCE_ARN,
} from "../../emulator/mod.ts";
import { test } from "../testing/test.ts";
import { RawAgent } from "./raw_agent.ts";
import { expectRefusal, OTHER_INSTANCE, signHeaders, TestAgent } from "./test_agent.ts";

const OTHER_ARN = OTHER_INSTANCE.containerInstanceArn ?? "";

/** The body of a DiscoverPollEndpoint. */
function discoverBody(containerInstance: string): string {
  return JSON.stringify({ containerInstance, cluster: "default" });
}

async function signDiscover(emulator: AcsEmulator, body: string): Promise<Record<string, string>> {
  return await signHeaders(`${emulator.url}/`, {
    method: "POST",
    body,
    headers: {
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": "AmazonEC2ContainerServiceV20141113.DiscoverPollEndpoint",
    },
  });
}

/** The response to a DiscoverPollEndpoint: status and body. */
async function discover(
  emulator: AcsEmulator,
  containerInstance = SAMPLE_CONTAINER_INSTANCE_ARN,
): Promise<[number, unknown]> {
  const body = discoverBody(containerInstance);
  const headers = await signDiscover(emulator, body);
  const response = await fetch(emulator.url, { method: "POST", body, headers });
  return [response.status, await response.json()];
}

async function discoverRaw(emulator: AcsEmulator): Promise<RawAgent> {
  const body = discoverBody(SAMPLE_CONTAINER_INSTANCE_ARN);
  const headers = await signDiscover(emulator, body);
  const agent = await RawAgent.connect(emulator);
  const { host } = new URL(emulator.url);
  agent.send("POST", "/", { ...headers, host, "content-length": String(body.length) }, body);
  return agent;
}

test("DiscoverPollEndpoint is refused with the status and exception of the fault, then answered", async () => {
  await using emulator = await AcsEmulator.listen();
  emulator.injectFault({ at: "discover", action: "refuse" });
  emulator.injectFault({ at: "discover", action: "refuse", status: 400, exception: "Own" });

  const [status, body] = await discover(emulator);

  assert.deepEqual([status, body], [500, {
    __type: "com.amazonaws.ecs#ServerException",
    message: "Refused by an injected fault",
  }]);
  assert.equal((await discover(emulator))[0], 400);
  assert.deepEqual(await discover(emulator), [
    200,
    { endpoint: `${emulator.url}/`, telemetryEndpoint: `${emulator.url}/telemetry` },
  ]);
});

test("DiscoverPollEndpoint can return a bad endpoint, or none, in an otherwise good response", async () => {
  await using emulator = await AcsEmulator.listen();
  emulator.injectFault({ at: "discover", action: "endpoint", endpoint: "not a URL" });
  emulator.injectFault({ at: "discover", action: "endpoint" });

  const telemetryEndpoint = `${emulator.url}/telemetry`;
  assert.deepEqual(await discover(emulator), [200, { endpoint: "not a URL", telemetryEndpoint }]);
  assert.deepEqual(await discover(emulator), [200, { telemetryEndpoint }]);
  assert.deepEqual(await discover(emulator), [
    200,
    { endpoint: `${emulator.url}/`, telemetryEndpoint },
  ]);
});

for (
  const [title, at, makeRequest] of [
    ["A DiscoverPollEndpoint", "discover", discoverRaw],
    ["An upgrade", "upgrade", RawAgent.requestUpgrade],
  ] as const
) {
  for (const [action, end] of [["end", "FIN"], ["reset", "RST"]] as const) {
    test(`${title} with the fault ${action} is answered with nothing except ${end}, and the refusal is an event`, async () => {
      await using emulator = await AcsEmulator.listen();
      emulator.injectFault({ at, action });
      const refusal = emulator.waitFor("refused");

      const agent = await makeRequest(emulator);

      assert.equal(await agent.ended, end);
      assert.equal(agent.received.length, 0);
      const { status, reason } = await refusal;
      assert.equal(status, undefined);
      assert.match(reason, action === "end" ? /^Ended without/ : /^Reset without/);
      await agent.leave();
    });
  }
}

for (
  const [title, fault, bytes] of [
    ["no byte", { at: "upgrade", action: "hang" }, 0],
    ["half of the 101's head", { at: "upgrade", action: "hang", after: "head" }, 20],
  ] satisfies [string, Fault, number][]
) {
  test(`An upgrade that hangs gets ${title} and an open socket`, async () => {
    await using emulator = await AcsEmulator.listen();
    emulator.injectFault(fault);
    const refusal = emulator.waitFor("refused");

    const agent = await RawAgent.requestUpgrade(emulator);
    await refusal;
    const answer = String(await agent.waitForBytes(bytes));

    assert.ok("HTTP/1.1 101 Switching Protocols\r\n".startsWith(answer.slice(0, 34)));
    assert.ok(!answer.includes("\r\n\r\n"));
    assert.equal(emulator.connections.length, 0);
    const next = await TestAgent.connect(emulator);
    assert.ok(agent.socket.readable && agent.socket.writable);
    await next.leave();
    await agent.leave();
  });
}

test("A fault for one instance does not affect the requests of others", async () => {
  await using emulator = await AcsEmulator.listen();
  const only: InjectFaultOptions = { containerInstanceArn: OTHER_ARN };
  emulator.injectFault({ at: "discover", action: "refuse" }, only);
  emulator.injectFault({ at: "upgrade", action: "refuse" }, only);

  assert.equal((await discover(emulator))[0], 200);
  await (await TestAgent.connect(emulator)).leave();

  assert.equal((await discover(emulator, OTHER_ARN))[0], 500);
  assert.equal((await expectRefusal(emulator, { query: OTHER_INSTANCE })).status, 403);
  assert.equal((await discover(emulator, OTHER_ARN))[0], 200);
  await (await TestAgent.connect(emulator, { query: OTHER_INSTANCE })).leave();
});

test("Each request is hit by one fault, in the order of injection", async () => {
  await using emulator = await AcsEmulator.listen();
  emulator.injectFault({ at: "upgrade", action: "refuse", status: 502 }, { next: 2 });
  emulator.injectFault({ at: "upgrade", action: "refuse", status: 503 });

  const statuses: number[] = [];
  for (const _ of [1, 2, 3]) statuses.push((await expectRefusal(emulator)).status);

  assert.deepEqual(statuses, [502, 502, 503]);
  await (await TestAgent.connect(emulator)).leave();
});

test("Cleared request faults do not happen, for one instance or for all", async () => {
  await using emulator = await AcsEmulator.listen();
  const only = { containerInstanceArn: OTHER_ARN };
  emulator.injectFault({ at: "discover", action: "refuse", status: 501 }, only);
  emulator.injectFault({ at: "discover", action: "refuse", status: 502 });
  emulator.injectFault({ at: "discover", action: "refuse", status: 503 });

  emulator.clearFaults(only);
  assert.equal((await discover(emulator, OTHER_ARN))[0], 502);
  emulator.clearFaults();
  assert.equal((await discover(emulator, OTHER_ARN))[0], 200);
});

test("Every request fault is an event, with the instance that it hit", async () => {
  await using emulator = await AcsEmulator.listen();
  const refusal: FaultDetail[] = [];
  emulator.addEventListener("fault", ({ detail }) => refusal.push(detail));
  const faults: Fault[] = [
    { at: "discover", action: "refuse" },
    { at: "upgrade", action: "refuse" },
  ];
  for (const fault of faults) emulator.injectFault(fault);

  await discover(emulator, OTHER_ARN);
  await expectRefusal(emulator);

  const arns = [OTHER_ARN, SAMPLE_CONTAINER_INSTANCE_ARN];
  assert.deepEqual(
    refusal,
    faults.map((fault, index) => ({
      fault,
      containerInstanceArn: arns[index],
      connectionId: undefined,
    })),
  );
  assert.deepEqual(
    emulator.transcript.filter(({ event }) => event === "fault").map(({ fault }) => fault),
    ["refuse", "refuse"],
  );
});

test("The emulator's own refusals have the framed form, or the bare one if the option says so", async () => {
  const expected = {
    framed: { type: "InvalidInstanceException", message: { message: "…" } },
    bare: { InvalidInstanceException: "…" },
  };
  for (const exceptionForm of ["framed", "bare"] as const) {
    await using emulator = await AcsEmulator.listen({ containerInstances: [], exceptionForm });

    const { body } = await expectRefusal(emulator);

    const text = body.replace("The container instance is not registered with this cluster", "…");
    assert.deepEqual(JSON.parse(text), expected[exceptionForm]);
  }
});

test("An injected refusal has the emulator's form unless it sets another", async () => {
  await using emulator = await AcsEmulator.listen({ exceptionForm: "bare" });
  const refuse = { at: "upgrade", action: "refuse", exception: "ServerException" } as const;
  emulator.injectFault({ ...refuse, message: "no" });
  emulator.injectFault({ ...refuse, message: "no", framed: true });

  assert.equal((await expectRefusal(emulator)).body, '{"ServerException":"no"}');
  assert.equal(
    (await expectRefusal(emulator)).body,
    '{"type":"ServerException","message":{"message":"no"}}',
  );
});
