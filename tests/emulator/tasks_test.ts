import assert from "node:assert/strict";
import {
  AcsEmulator,
  InactiveInstanceError,
  SAMPLE_CLUSTER_ARN,
  SAMPLE_CONTAINER_INSTANCE_ARN,
  sampleCredentials,
  UnknownTaskError,
} from "../../emulator/mod.ts";
import { test } from "../testing/test.ts";
import { type Frame, OTHER_INSTANCE, TestAgent, typesOf } from "./test_agent.ts";

function listen(): Promise<AcsEmulator> {
  return AcsEmulator.listen({ heartbeatIntervalMs: 0 });
}

/** The one task of a payload. */
function taskOf(frame: Frame | undefined): Record<string, unknown> {
  assert.equal(frame?.type, "PayloadMessage");
  const { tasks } = frame.message;
  assert.ok(Array.isArray(tasks));
  return tasks[0];
}

test("A task is run by a payload, with a new ARN and credentials of both roles", async () => {
  await using emulator = await listen();
  const agent = await TestAgent.connect(emulator);

  const first = emulator.runTask({ task: { family: "api" } });
  const second = emulator.runTask();
  const frames = await agent.waitForFrames(2);

  const [one, two] = [taskOf(frames[0]), taskOf(frames[1])];
  assert.equal(one.arn, first.taskArn);
  assert.match(first.taskArn, /^arn:aws:ecs:us-west-2:111122223333:task\/default\/[0-9a-f]{32}$/);
  assert.equal(one.taskClusterArn, SAMPLE_CLUSTER_ARN);
  assert.deepEqual([one.family, one.desiredStatus], ["api", "RUNNING"]);
  assert.notEqual(first.taskArn, second.taskArn);
  assert.notDeepEqual(one.roleCredentials, two.roleCredentials);
  assert.ok(one.executionRoleCredentials);
  assert.deepEqual(emulator.tasks.map(({ taskArn }) => taskArn), [first.taskArn, second.taskArn]);
  assert.equal(emulator.tasks[0]?.containerInstanceArn, SAMPLE_CONTAINER_INSTANCE_ARN);
});

test("A task is stopped by a payload with desiredStatus STOPPED", async () => {
  await using emulator = await listen();
  const agent = await TestAgent.connect(emulator);
  const { taskArn } = emulator.runTask();

  emulator.stopTask(taskArn);

  const [, frame] = await agent.waitForFrames(2);
  const task = taskOf(frame);
  assert.deepEqual([task.arn, task.desiredStatus], [taskArn, "STOPPED"]);
  assert.equal(emulator.tasks[0]?.desiredStatus, "STOPPED");
});

test("Stopping or rotating an unknown task names it", async () => {
  await using emulator = await listen();
  const isUnknown = (error: unknown) =>
    error instanceof UnknownTaskError && error.taskArn === "arn:none" &&
    /Unknown task arn:none/.test(error.message);
  assert.throws(() => emulator.stopTask("arn:none"), isUnknown);
  assert.throws(() => emulator.rotateCredentials("arn:none"), isUnknown);
});

test("Rotated credentials keep their id and get new keys", async () => {
  await using emulator = await listen();
  const agent = await TestAgent.connect(emulator);
  const { taskArn } = emulator.runTask();

  emulator.rotateCredentials(taskArn, "TaskExecution");

  const [payload, credentials] = await agent.waitForFrames(2);
  const before = taskOf(payload).executionRoleCredentials;
  assert.equal(credentials?.type, "IAMRoleCredentialsMessage");
  assert.equal(credentials.message.roleType, "TaskExecution");
  assert.equal(credentials.message.taskArn, taskArn);
  const after = credentials.message.roleCredentials;
  assert.equal(
    Reflect.get(Object(after), "credentialsId"),
    Reflect.get(Object(before), "credentialsId"),
  );
  assert.notEqual(
    Reflect.get(Object(after), "secretAccessKey"),
    Reflect.get(Object(before), "secretAccessKey"),
  );
});

test("An agent that asks for credentials gets the newest of the tasks that still run", async () => {
  await using emulator = await listen();
  const before = await TestAgent.connect(emulator);
  const [kept, stopped] = [emulator.runTask(), emulator.runTask()];
  emulator.rotateCredentials(kept.taskArn);
  emulator.stopTask(stopped.taskArn);
  for (const frame of await before.waitForFrames(4)) {
    if (frame.type === "PayloadMessage") before.ack(frame);
    else before.ackCredentials(frame);
  }
  await Promise.all([kept.acked, stopped.acked]);
  await before.leave();

  const after = await TestAgent.connect(emulator, { query: { sendCredentials: "true" } });

  const frames = await after.waitForFrames(3);
  const roles = frames.filter(({ type }) => type === "IAMRoleCredentialsMessage")
    .map(({ message }) => [message.taskArn, message.roleType]);
  assert.deepEqual(roles.sort(), [
    [kept.taskArn, "TaskApplication"],
    [kept.taskArn, "TaskExecution"],
  ]);
});

test("A manifest names the tasks that should run, even to an agent that reconnects", async () => {
  await using emulator = await listen();
  const agent = await TestAgent.connect(emulator);
  const [kept, stopped] = [emulator.runTask(), emulator.runTask()];
  emulator.stopTask(stopped.taskArn);
  emulator.sendTaskManifest();
  const frames = await agent.waitForFrames(4);
  assert.deepEqual(typesOf(frames).at(-1), "TaskManifestMessage");
  for (const frame of frames) agent.ack(frame);
  await emulator.waitForMessage("AckRequest", {
    where: ({ messageId }) => messageId === frames[3]?.message.messageId,
  });
  await agent.leave();

  const again = await TestAgent.connect(emulator);
  const [manifest] = await again.waitForFrames(1);

  const expected = [
    { taskArn: kept.taskArn, taskClusterArn: SAMPLE_CLUSTER_ARN, desiredStatus: "RUNNING" },
  ];
  assert.deepEqual(frames[3]?.message.tasks, expected);
  assert.deepEqual(manifest?.message.tasks, expected);
  assert.ok(Number(manifest?.message.timeline) > Number(frames[3]?.message.timeline));
});

test("Only tasks that should not run may be stopped", async () => {
  await using emulator = await listen();
  const agent = await TestAgent.connect(emulator);
  const [kept, stopped] = [emulator.runTask(), emulator.runTask()];
  emulator.stopTask(stopped.taskArn);
  await agent.waitForFrames(3);
  const candidate = (taskArn: string) => ({
    taskArn,
    taskClusterArn: SAMPLE_CLUSTER_ARN,
    desiredStatus: "STOPPED",
  });

  agent.send("TaskStopVerificationMessage", {
    messageId: "manifest-1",
    stopCandidates: [kept.taskArn, stopped.taskArn, "arn:unheard-of"].map(candidate),
  });

  const answer = (await agent.waitForFrames(4))[3];
  assert.equal(answer?.type, "TaskStopVerificationAck");
  assert.equal(answer.message.messageId, "manifest-1");
  assert.deepEqual(answer.message.stopTasks, [
    candidate(stopped.taskArn),
    candidate("arn:unheard-of"),
  ]);
});

test("An interface goes to a task or to the instance, with a fresh attachment", async () => {
  await using emulator = await listen();
  const agent = await TestAgent.connect(emulator);
  const { taskArn } = emulator.runTask();

  const ofTask = emulator.attachNetworkInterface({
    taskArn,
    networkInterface: { macAddress: "02:00:00:00:00:07" },
    waitTimeoutMs: 1_000,
  });
  const ofInstance = emulator.attachNetworkInterface();

  const [, one, two] = await agent.waitForFrames(3);
  assert.deepEqual(typesOf([one, two].flatMap((frame) => frame ?? [])), [
    "AttachTaskNetworkInterfacesMessage",
    "AttachInstanceNetworkInterfacesMessage",
  ]);
  assert.deepEqual([one?.message.taskArn, one?.message.waitTimeoutMs], [taskArn, 1_000]);
  const [eni] = Array.isArray(one?.message.elasticNetworkInterfaces)
    ? one.message.elasticNetworkInterfaces
    : [];
  assert.deepEqual([eni.macAddress, eni.attachmentArn], [
    "02:00:00:00:00:07",
    ofTask.attachmentArn,
  ]);
  assert.notEqual(ofTask.attachmentArn, ofInstance.attachmentArn);
});

test("A volume is attached with the given properties, the others as in a sample", async () => {
  await using emulator = await listen();
  const agent = await TestAgent.connect(emulator);

  const { attachmentArn } = emulator.attachVolume({ properties: { volumeSizeGib: "42" } });

  const [frame] = await agent.waitForFrames(1);
  assert.equal(frame?.type, "ConfirmAttachmentMessage");
  const attachment = Object(frame.message.attachment);
  assert.equal(attachment.attachmentArn, attachmentArn);
  const properties = Object.fromEntries(
    attachment.attachmentProperties.map(({ name, value }: Record<string, string>) => [name, value]),
  );
  assert.equal(properties.volumeSizeGib, "42");
  assert.equal(properties.fileSystem, "xfs");
});

test("Messages about a task go to its instance, whichever connected later", async () => {
  await using emulator = await listen();
  const owner = await TestAgent.connect(emulator);
  const { taskArn } = emulator.runTask();
  const newest = await TestAgent.connect(emulator, { query: OTHER_INSTANCE });

  emulator.rotateCredentials(taskArn);
  emulator.attachVolume({ taskArn });
  emulator.stopTask(taskArn);

  assert.deepEqual(typesOf(await owner.waitForFrames(4)).slice(1), [
    "IAMRoleCredentialsMessage",
    "ConfirmAttachmentMessage",
    "PayloadMessage",
  ]);
  assert.deepEqual(newest.frames, []);
});

/** Acknowledges all messages that an agent has received. */
function ackAll(agent: TestAgent): void {
  for (const frame of agent.frames) {
    if (frame.type === "IAMRoleCredentialsMessage") agent.ackCredentials(frame);
    else agent.ack(frame);
  }
}

test("A task that is run while no agent is connected waits for the first that connects", async () => {
  await using emulator = await listen();
  const { taskArn, waiting, acked } = emulator.runTask();
  assert.equal(waiting, true);
  assert.deepEqual(emulator.tasks, [
    {
      taskArn,
      containerInstanceArn: undefined,
      desiredStatus: "RUNNING",
      lastStatus: "PENDING",
      waiting: true,
    },
  ]);

  const owner = await TestAgent.connect(emulator);
  await owner.waitForFrames(2);
  ackAll(owner);
  await acked;
  const other = await TestAgent.connect(emulator, {
    query: { ...OTHER_INSTANCE, sendCredentials: "true" },
  });
  emulator.rotateCredentials(taskArn);
  emulator.stopTask(taskArn);
  emulator.sendTaskManifest({}, OTHER_INSTANCE);

  assert.deepEqual(emulator.tasks, [
    {
      taskArn,
      containerInstanceArn: SAMPLE_CONTAINER_INSTANCE_ARN,
      desiredStatus: "STOPPED",
      // It has stopped once its agent reports so.
      lastStatus: "PENDING",
    },
  ]);
  assert.deepEqual(typesOf(await owner.waitForFrames(4)), [
    "TaskManifestMessage",
    "PayloadMessage",
    "IAMRoleCredentialsMessage",
    "PayloadMessage",
  ]);
  const [manifest, ...rest] = await other.waitForFrames(1);
  assert.deepEqual([manifest?.type, manifest?.message.tasks, rest], [
    "TaskManifestMessage",
    [],
    [],
  ]);
  await Promise.all([owner.leave(), other.leave()]);
});

test("Messages about a waiting task wait with it", async () => {
  await using emulator = await listen();
  const { taskArn } = emulator.runTask();
  emulator.rotateCredentials(taskArn);
  emulator.attachVolume({ taskArn });
  assert.equal(emulator.stopTask(taskArn).waiting, true);

  const owner = await TestAgent.connect(emulator, { query: { sendCredentials: "true" } });
  const other = await TestAgent.connect(emulator, {
    query: { ...OTHER_INSTANCE, sendCredentials: "true" },
  });
  emulator.sendError({ message: "the only frame" }, OTHER_INSTANCE);

  assert.deepEqual(typesOf(await owner.waitForFrames(5)), [
    "TaskManifestMessage",
    "PayloadMessage",
    "IAMRoleCredentialsMessage",
    "ConfirmAttachmentMessage",
    "PayloadMessage",
  ]);
  assert.deepEqual(typesOf(await other.waitForFrames(1)), ["ErrorMessage"]);
  await Promise.all([owner.leave(), other.leave()]);
});

test("Credentials that waited for an agent, or that name a task, go to only one instance", async () => {
  await using emulator = await listen();
  const early = emulator.sendCredentials(sampleCredentials(1));
  const owner = await TestAgent.connect(emulator);
  const { taskArn } = emulator.runTask();
  await owner.waitForFrames(2);
  ackAll(owner);
  await early.acked;
  const other = await TestAgent.connect(emulator, {
    query: { ...OTHER_INSTANCE, sendCredentials: "true" },
  });

  emulator.sendCredentials({ ...sampleCredentials(2), taskArn });
  emulator.issueCredentials({ ...sampleCredentials(3), taskArn, roleType: "TaskExecution" });
  const again = await TestAgent.connect(emulator, {
    query: { ...OTHER_INSTANCE, sendCredentials: "true" },
  });
  emulator.sendError({ message: "the only frame" }, OTHER_INSTANCE);

  assert.deepEqual(typesOf(await owner.waitForFrames(3)).at(-1), "IAMRoleCredentialsMessage");
  assert.deepEqual(typesOf(await again.waitForFrames(1)), ["ErrorMessage"]);
  assert.deepEqual(other.frames, []);
  await Promise.all([owner.leave(), other.ended, again.leave()]);
});

test("A task that another instance still has may be stopped there", async () => {
  await using emulator = await listen();
  const owner = await TestAgent.connect(emulator);
  const { taskArn } = emulator.runTask();
  const other = await TestAgent.connect(emulator, { query: OTHER_INSTANCE });
  const stopCandidates = [{ taskArn, taskClusterArn: SAMPLE_CLUSTER_ARN }];

  other.send("TaskStopVerificationMessage", { messageId: "m", stopCandidates });

  assert.deepEqual((await other.waitForFrames(1))[0]?.message.stopTasks, stopCandidates);
  await Promise.all([owner.leave(), other.leave()]);
});

test("Running a task on a deregistered instance fails with the service's message", async () => {
  await using emulator = await listen();
  const agent = await TestAgent.connect(emulator);
  emulator.deregisterContainerInstance(SAMPLE_CONTAINER_INSTANCE_ARN);
  const isRefusal = (error: unknown) =>
    error instanceof InactiveInstanceError &&
    error.message.startsWith(
      `ClientException: Container instance ${SAMPLE_CONTAINER_INSTANCE_ARN} is inactive. `,
    );

  assert.throws(
    () => emulator.runTask({ containerInstanceArn: SAMPLE_CONTAINER_INSTANCE_ARN }),
    isRefusal,
  );
  assert.throws(() => emulator.runTask(), isRefusal);
  assert.deepEqual([emulator.tasks, emulator.pendingCount], [[], 0]);

  const other = await TestAgent.connect(emulator, { query: OTHER_INSTANCE });
  emulator.registerContainerInstance(SAMPLE_CONTAINER_INSTANCE_ARN);
  emulator.runTask({ containerInstanceArn: SAMPLE_CONTAINER_INSTANCE_ARN });
  await agent.waitForFrames(1);
  await Promise.all([agent.leave(), other.leave()]);
});

test("A task without an instance runs on an active one, even if another connected later", async () => {
  await using emulator = await listen();
  const active = await TestAgent.connect(emulator);
  const inactive = await TestAgent.connect(emulator, { query: OTHER_INSTANCE });
  emulator.deregisterContainerInstance(OTHER_INSTANCE.containerInstanceArn ?? "");

  emulator.runTask();

  assert.equal(emulator.tasks[0]?.containerInstanceArn, SAMPLE_CONTAINER_INSTANCE_ARN);
  await active.waitForFrames(1);
  await Promise.all([active.leave(), inactive.leave()]);
});

test("A waiting task is in the emulator's cluster", async () => {
  await using emulator = await AcsEmulator.listen({
    clusterArn: "arn:aws:ecs:eu-west-1:444455556666:cluster/prod",
  });
  assert.match(emulator.runTask().taskArn, /^arn:aws:ecs:eu-west-1:444455556666:task\/prod\//);
});
