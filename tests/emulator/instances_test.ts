import assert from "node:assert/strict";
import {
  AcsEmulator,
  SAMPLE_CLUSTER_ARN,
  SAMPLE_CONTAINER_INSTANCE_ARN,
  samplePayload,
} from "../../emulator/mod.ts";
import { withFakeTime } from "../testing/fakes/fake_time.ts";
import { test } from "../testing/test.ts";
import { expectRefusal, OTHER_INSTANCE, TestAgent } from "./test_agent.ts";

/** The exception that refuses an instance with this ARN and this cluster. */
async function exceptionFor(
  emulator: AcsEmulator,
  query: Readonly<Record<string, string>>,
): Promise<unknown> {
  const { status, body } = await expectRefusal(emulator, { query });
  assert.equal(status, 400);
  return JSON.parse(body).type;
}

const HOME = "arn:aws:ecs:us-west-2:111122223333";

for (
  const [what, containerInstanceArn] of [
    ["account", "arn:aws:ecs:us-west-2:999999999999:container-instance/default/c0ffee"],
    ["region", "arn:aws:ecs:eu-west-1:111122223333:container-instance/default/c0ffee"],
    ["partition", "arn:aws-cn:ecs:us-west-2:111122223333:container-instance/default/c0ffee"],
    ["cluster", `${HOME}:container-instance/other/c0ffee`],
  ] as const
) {
  test(`An instance in a different ${what} is refused`, async () => {
    await using emulator = await AcsEmulator.listen({ clusterArn: SAMPLE_CLUSTER_ARN });
    assert.equal(
      await exceptionFor(emulator, { containerInstanceArn }),
      "InvalidInstanceException",
    );
  });
}

test("An instance's own cluster is checked even if every cluster is accepted", async () => {
  await using emulator = await AcsEmulator.listen();
  const query = { clusterArn: "arn:aws:ecs:us-west-2:999999999999:cluster/default" };
  assert.equal(await exceptionFor(emulator, query), "InvalidInstanceException");
});

test("A cluster of another account is refused", async () => {
  await using emulator = await AcsEmulator.listen({ clusterArn: SAMPLE_CLUSTER_ARN });
  const query = { clusterArn: "arn:aws:ecs:us-west-2:999999999999:cluster/default" };
  assert.equal(await exceptionFor(emulator, query), "InvalidClusterException");
});

test("An instance with a short ARN, without a cluster, is accepted", async () => {
  await using emulator = await AcsEmulator.listen({ clusterArn: SAMPLE_CLUSTER_ARN });
  const containerInstanceArn = `${HOME}:container-instance/c0ffee`;
  const agent = await TestAgent.connect(emulator, { query: { containerInstanceArn } });
  assert.deepEqual(emulator.containerInstances, [{ containerInstanceArn, status: "ACTIVE" }]);
  await agent.leave();
});

test("A deregistered instance is listed as inactive", async () => {
  await using emulator = await AcsEmulator.listen();
  const agent = await TestAgent.connect(emulator);
  emulator.deregisterContainerInstance(SAMPLE_CONTAINER_INSTANCE_ARN);
  assert.deepEqual(emulator.containerInstances, [
    { containerInstanceArn: SAMPLE_CONTAINER_INSTANCE_ARN, status: "INACTIVE" },
  ]);
  await agent.leave();
  assert.equal(await exceptionFor(emulator, {}), "InactiveInstanceException");
});

test("A newer connection of an instance replaces the older one, and gets its unanswered messages", async () => {
  await using emulator = await AcsEmulator.listen({ heartbeatIntervalMs: 0 });
  const older = await TestAgent.connect(emulator);
  const bystander = await TestAgent.connect(emulator, { query: OTHER_INSTANCE });
  const to = { containerInstanceArn: SAMPLE_CONTAINER_INSTANCE_ARN };
  const { acked } = emulator.sendPayload(samplePayload(), to);
  await older.waitForFrames(1);

  const newer = await TestAgent.connect(emulator);

  const [payload] = await newer.waitForFrames(1);
  assert.ok(payload);
  newer.ack(payload);
  await acked;
  const { code, reason } = await older.ended;
  assert.equal(code, 1008);
  assert.match(reason, /^ConnectionReplaced/);
  emulator.sendPayload(samplePayload(2), to);
  await newer.waitForFrames(2);
  assert.deepEqual(bystander.frames, []);
});

test("A connection is closed when it reaches its maximum age", async () => {
  await withFakeTime(async (time) => {
    await using emulator = await AcsEmulator.listen({
      heartbeatIntervalMs: 0,
      maxConnectionMs: 60_000,
    });
    const agent = await TestAgent.connect(emulator);
    await emulator.waitForConnection();

    await time.advance(59_999);
    assert.equal(emulator.connections[0]?.open, true);
    await time.advance(1);

    const { code, reason } = await agent.ended;
    assert.deepEqual([code, reason], [1000, "ConnectionExpired: Reconnect to continue"]);
    assert.equal(time.pendingTimers(), 0);
  });
});

test("A thousand instances on one emulator each get and answer their own messages", async () => {
  await using emulator = await AcsEmulator.listen({ historyLimit: 5_000 });
  const arns = Array.from({ length: 1_000 }, (_, n) => `${HOME}:container-instance/default/${n}`);
  const agents: TestAgent[] = [];
  for (let at = 0; at < arns.length; at += 50) {
    const connecting = arns.slice(at, at + 50).map((containerInstanceArn) =>
      TestAgent.connect(emulator, { query: { containerInstanceArn } })
    );
    agents.push(...await Promise.all(connecting));
  }

  const posted = arns.map((containerInstanceArn) => emulator.runTask({ containerInstanceArn }));

  for (const [n, agent] of agents.entries()) {
    const [payload] = await agent.waitForFrames(1);
    assert.ok(payload);
    assert.equal(payload.message.containerInstanceArn, arns[n]);
    agent.ack(payload);
  }
  await Promise.all(posted.map(({ acked }) => acked));
  assert.equal(emulator.pendingCount, 0);
  await Promise.all(agents.map((agent) => agent.leave()));
});
