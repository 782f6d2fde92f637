import assert from "node:assert/strict";
import { inspect } from "node:util";
import {
  AckTimeoutError,
  AcsEmulator,
  EmulatorClosedError,
  EventTimeoutError,
  SAMPLE_CONTAINER_INSTANCE_ARN,
} from "../../emulator/mod.ts";
import { withFakeTime } from "../testing/fakes/fake_time.ts";
import { test } from "../testing/test.ts";
import { TestAgent } from "./test_agent.ts";

test("The transcript lists all events in order, with ids and sizes", async () => {
  const at = Date.now();
  await using emulator = await AcsEmulator.listen({ heartbeatIntervalMs: 0, now: () => at });
  const agent = await TestAgent.connect(emulator);
  const { acked, messageId } = emulator.runTask();
  const [payload] = await agent.waitForFrames(1);
  assert.ok(payload);
  agent.ack(payload);
  await acked;
  const disconnected = emulator.waitFor("disconnected");
  await agent.leave();
  await disconnected;

  const [connected, sent, received, gone] = emulator.transcript;

  assert.deepEqual(connected, {
    number: 1,
    at,
    event: "connected",
    connectionId: 1,
    containerInstanceArn: SAMPLE_CONTAINER_INSTANCE_ARN,
    sendCredentials: false,
  });
  assert.deepEqual([sent?.event, sent?.type, sent?.messageId, sent?.resent], [
    "sent",
    "PayloadMessage",
    messageId,
    false,
  ]);
  assert.ok(Number(sent?.bytes) > 1_000);
  assert.deepEqual([received?.event, received?.type, received?.messageId], [
    "received",
    "AckRequest",
    messageId,
  ]);
  assert.deepEqual([gone?.event, gone?.closeCode], ["disconnected", 1006]);
});

test("The transcript keeps messages without their secrets, printed or as JSON", async () => {
  await using emulator = await AcsEmulator.listen({ heartbeatIntervalMs: 0 });
  const agent = await TestAgent.connect(emulator);
  const secret = (name: string) => `planted-${name}`;
  emulator.runTask({
    task: {
      family: "visible",
      roleCredentials: {
        credentialsId: "visible-id",
        secretAccessKey: secret("key"),
        sessionToken: secret("token"),
      },
      containers: [{
        name: "visible-container",
        environment: { SHORT: "pw-1", LONG: secret("environment") },
        dockerConfig: { config: secret("config"), hostConfig: secret("host") },
      }],
    },
  });
  emulator.sendRaw(secret("raw"));
  await agent.waitForTexts(2);

  const printed = inspect(emulator.transcript, { depth: 20 }) +
    JSON.stringify(emulator.transcript);

  assert.doesNotMatch(printed, /planted-|pw-1/);
  for (const text of ["visible", "visible-id", "visible-container", "SHORT", "[redacted]"]) {
    assert.ok(printed.includes(text), text);
  }
  assert.equal(emulator.transcript.at(-1)?.bytes, secret("raw").length);
});

test("The transcript drops the oldest entries beyond its limit", async () => {
  await using emulator = await AcsEmulator.listen({ heartbeatIntervalMs: 0, historyLimit: 3 });
  const agent = await TestAgent.connect(emulator);
  for (let n = 0; n < 20; n++) emulator.sendClose();
  await agent.waitForFrames(20);
  assert.deepEqual(emulator.transcript.map(({ number }) => number), [19, 20, 21]);
});

test("A missing acknowledgement is an error that names message and time", async () => {
  await withFakeTime(async (time) => {
    await using emulator = await AcsEmulator.listen({ heartbeatIntervalMs: 0 });
    const { messageId } = emulator.runTask();
    const expected = assert.rejects(
      emulator.expectAck(messageId, { within: 500 }),
      (error) =>
        error instanceof AckTimeoutError && error.messageId === messageId && error.within === 500,
    );
    await time.advance(500);
    await expected;
    assert.equal(time.pendingTimers(), 0);
  });
});

test("expectAck finds an earlier acknowledgement immediately, and a later one in time", async () => {
  await using emulator = await AcsEmulator.listen({ heartbeatIntervalMs: 0 });
  const agent = await TestAgent.connect(emulator);
  const { messageId } = emulator.runTask();
  const [payload] = await agent.waitForFrames(1);
  assert.ok(payload);
  const later = emulator.expectAck(messageId, { within: 10_000 });
  agent.ack(payload);
  assert.equal(await later, await emulator.expectAck(messageId, { within: 1 }));
});

test("A missing event is an error that names it", async () => {
  await withFakeTime(async (time) => {
    await using emulator = await AcsEmulator.listen();
    const expected = assert.rejects(
      emulator.waitFor("connected", { within: 1_000 }),
      (error) => error instanceof EventTimeoutError && error.event === "connected",
    );
    await time.advance(1_000);
    await expected;
  });
});

test("Closing the emulator ends every wait", async () => {
  const emulator = await AcsEmulator.listen();
  const waits = [emulator.waitFor("connected"), emulator.expectAck("any", { within: 10_000 })]
    .map((wait) => assert.rejects(wait, EmulatorClosedError));
  await emulator.close();
  await Promise.all(waits);
});

test("The same seed gives the same ids, keys and times in every run", async () => {
  const run = async (seed: number) => {
    await using emulator = await AcsEmulator.listen({ seed, now: () => Date.UTC(2026, 0, 1) });
    const { taskArn } = emulator.runTask();
    emulator.rotateCredentials(taskArn);
    emulator.attachVolume();
    return { taskArn, pending: emulator.pending };
  };
  const [one, same, other] = [await run(7), await run(7), await run(8)];
  assert.deepEqual(one, same);
  assert.notDeepEqual(one, other);
  assert.match(one.pending[0]?.messageId ?? "", /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8/);
});
