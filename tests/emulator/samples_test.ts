import assert from "node:assert/strict";
import { install } from "@sinonjs/fake-timers";
import {
  AcsEmulator,
  EmulatorClosedError,
  sampleAttachInstanceNetworkInterfaces,
  sampleAttachTaskNetworkInterfaces,
  sampleBranchNetworkInterface,
  sampleConfirmAttachment,
  sampleCredentials,
  sampleEbsAttachment,
  sampleElasticNetworkInterface,
  sampleEphemeralStorageAttachment,
  samplePayload,
  sampleTask,
  sampleTaskManifest,
} from "../../emulator/mod.ts";
import { validateAttachmentProperties } from "../../responders/attachment_properties.ts";
import { validateEni } from "../../responders/eni_attachment.ts";
import { test } from "../testing/test.ts";
import { TestAgent, typesOf } from "./test_agent.ts";

test("The same number gives the same sample, and different numbers give different samples", () => {
  for (
    const build of [
      sampleTask,
      samplePayload,
      sampleTaskManifest,
      sampleCredentials,
      sampleElasticNetworkInterface,
      sampleBranchNetworkInterface,
      sampleAttachTaskNetworkInterfaces,
      sampleAttachInstanceNetworkInterfaces,
      sampleEbsAttachment,
      sampleEphemeralStorageAttachment,
      sampleConfirmAttachment,
    ]
  ) {
    assert.deepEqual(build(7), build(7));
    assert.notDeepEqual(build(7), build(8));
  }
});

test("Sample ids have the form of the service's own", () => {
  const { arn, elasticNetworkInterfaces } = sampleTask(300);
  assert.match(arn ?? "", /^arn:aws:ecs:us-west-2:\d{12}:task\/default\/[0-9a-f]{32}$/);
  const [eni] = elasticNetworkInterfaces ?? [];
  assert.match(eni?.ec2Id ?? "", /^eni-[0-9a-f]{17}$/);
  assert.match(eni?.macAddress ?? "", /^02(:[0-9a-f]{2}){5}$/);
  assert.match(sampleCredentials(300).roleCredentials?.credentialsId ?? "", /^[0-9a-f-]{36}$/);
});

test("Sample interfaces and attachments pass the agents' rules", () => {
  for (const n of [1, 4_095, 70_000]) {
    validateEni(sampleElasticNetworkInterface(n));
    validateEni(sampleBranchNetworkInterface(n));
    validateAttachmentProperties(sampleEbsAttachment(n));
    validateAttachmentProperties(sampleEphemeralStorageAttachment(n));
  }
});

test("A manifest may list no tasks", () => {
  assert.deepEqual(sampleTaskManifest(), { tasks: [] });
});

test("Sample traffic waits for an agent, then sends a step at every interval until it is aborted", async () => {
  await using emulator = await AcsEmulator.listen({ heartbeatIntervalMs: 0 });
  const clock = install({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval"] });
  try {
    const controller = new AbortController();
    const running = emulator.sendSampleTraffic({ intervalMs: 5_000, signal: controller.signal });
    assert.equal(emulator.pendingCount, 0);

    const agent = await TestAgent.connect(emulator);
    for (const count of [1, 2, 3, 5]) {
      await agent.waitForFrames(count);
      await clock.tickAsync(5_000);
    }
    const types = typesOf(await agent.waitForFrames(6));

    assert.deepEqual(types, [
      "AttachTaskNetworkInterfacesMessage",
      "PayloadMessage",
      "ConfirmAttachmentMessage",
      "IAMRoleCredentialsMessage",
      "IAMRoleCredentialsMessage",
      "TaskManifestMessage",
    ]);
    controller.abort();
    await running;
    await agent.leave();
  } finally {
    clock.uninstall();
  }
});

test("Sample traffic skips steps while too many messages are unacknowledged", async () => {
  await using emulator = await AcsEmulator.listen({ heartbeatIntervalMs: 0 });
  const agent = await TestAgent.connect(emulator);
  const clock = install({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval"] });
  try {
    const controller = new AbortController();
    const running = emulator.sendSampleTraffic({
      intervalMs: 1_000,
      maxPending: 2,
      signal: controller.signal,
      steps: [(n) => [{ type: "PayloadMessage", message: samplePayload(n) }]],
    });

    await clock.tickAsync(10_000);
    assert.equal(emulator.pendingCount, 3);
    const frames = await agent.waitForFrames(3);
    for (const frame of frames) agent.ack(frame);
    for (const { message } of frames) await emulator.expectAck(String(message.messageId));
    await clock.tickAsync(1_000);
    assert.equal(emulator.pendingCount, 1);

    controller.abort();
    await running;
    await agent.leave();
  } finally {
    clock.uninstall();
  }
});

test("Sample traffic ends with the emulator", async () => {
  const emulator = await AcsEmulator.listen();
  const { signal } = new AbortController();
  const rejected = assert.rejects(emulator.sendSampleTraffic({ signal }), EmulatorClosedError);

  await emulator.close();

  await rejected;
});
