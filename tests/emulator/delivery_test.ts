import assert from "node:assert/strict";
import {
  AckTimeoutError,
  AcsEmulator,
  AnswerLostError,
  EmulatorClosedError,
  MessageNackedError,
  SAMPLE_CLUSTER_ARN,
  SAMPLE_CONTAINER_INSTANCE_ARN,
  sampleAttachInstanceNetworkInterfaces,
  sampleAttachTaskNetworkInterfaces,
  sampleConfirmAttachment,
  sampleCredentials,
  samplePayload,
  sampleTaskIdentifier,
  sampleTaskManifest,
  sampleUpdate,
} from "../../emulator/mod.ts";
import { test } from "../testing/test.ts";
import { type Frame, OTHER_INSTANCE, TestAgent, typesOf } from "./test_agent.ts";

/** An emulator without heartbeats, so that the wire carries only what a test sends. */
function listen(): Promise<AcsEmulator> {
  return AcsEmulator.listen({ heartbeatIntervalMs: 0 });
}

function first(frames: readonly Frame[]): Frame {
  const [frame] = frames;
  assert.ok(frame);
  return frame;
}

test("A payload is completed with ids, ARNs, time and sequence number, and its ack is reported", async () => {
  await using emulator = await listen();
  const agent = await TestAgent.connect(emulator);

  const { messageId, acked } = emulator.sendPayload(samplePayload(1));
  const payload = first(await agent.waitForFrames(1));
  agent.ack(payload);
  const ack = await acked;

  const { tasks, generatedAt, ...rest } = payload.message;
  assert.deepEqual(rest, {
    messageId,
    clusterArn: SAMPLE_CLUSTER_ARN,
    containerInstanceArn: SAMPLE_CONTAINER_INSTANCE_ARN,
    seqNum: 1,
  });
  assert.ok(Array.isArray(tasks) && typeof generatedAt === "number");
  assert.equal(ack.type, "AckRequest");
  assert.deepEqual(ack.message, {
    cluster: SAMPLE_CLUSTER_ARN,
    containerInstance: SAMPLE_CONTAINER_INSTANCE_ARN,
    messageId,
  });
  assert.equal(await emulator.expectAck(messageId), ack);
  assert.equal(emulator.pendingCount, 0);
  await agent.leave();
});

test("A cluster given by name is an ARN in the messages", async () => {
  await using emulator = await listen();
  const agent = await TestAgent.connect(emulator, { query: { clusterArn: "default" } });

  emulator.sendPayload(samplePayload());

  assert.equal(first(await agent.waitForFrames(1)).message.clusterArn, SAMPLE_CLUSTER_ARN);
  await agent.leave();
});

test("Fields that the caller sets stay unchanged", async () => {
  await using emulator = await listen();
  const agent = await TestAgent.connect(emulator);
  const said = { messageId: "m", clusterArn: "c", seqNum: 99, generatedAt: 5, tasks: [] };

  const { acked } = emulator.sendPayload(said);
  const payload = first(await agent.waitForFrames(1));
  agent.ack(payload);
  await acked;

  assert.deepEqual(payload.message, {
    ...said,
    containerInstanceArn: SAMPLE_CONTAINER_INSTANCE_ARN,
  });
  await agent.leave();
});

test("Everything sent before an agent connects reaches it in order", async () => {
  await using emulator = await listen();
  emulator.attachTaskNetworkInterfaces(sampleAttachTaskNetworkInterfaces());
  emulator.attachInstanceNetworkInterfaces(sampleAttachInstanceNetworkInterfaces());
  emulator.sendPayload(samplePayload());
  emulator.confirmAttachment(sampleConfirmAttachment());
  emulator.sendCredentials(sampleCredentials());
  emulator.sendTaskManifest(sampleTaskManifest(1));
  emulator.sendTaskStopVerificationAck({ messageId: "m", stopTasks: [sampleTaskIdentifier(2)] });
  emulator.sendStageUpdate(sampleUpdate());
  emulator.sendPerformUpdate(sampleUpdate());
  emulator.sendError({ message: "something" });
  emulator.sendClose();
  emulator.send("ServerException", { message: "as it is" });

  const agent = await TestAgent.connect(emulator);
  const frames = await agent.waitForFrames(12);

  assert.deepEqual(typesOf(frames), [
    "AttachTaskNetworkInterfacesMessage",
    "AttachInstanceNetworkInterfacesMessage",
    "PayloadMessage",
    "ConfirmAttachmentMessage",
    "IAMRoleCredentialsMessage",
    "TaskManifestMessage",
    "TaskStopVerificationAck",
    "StageUpdateMessage",
    "PerformUpdateMessage",
    "ErrorMessage",
    "CloseMessage",
    "ServerException",
  ]);
  const ids = frames.slice(0, 9).map(({ message }) => message.messageId);
  assert.equal(new Set(ids).size, 9);
  assert.deepEqual(frames[11]?.message, { message: "as it is" });
  await agent.leave();
});

test("Unacknowledged messages are resent after a reconnect, in order; others are not", async () => {
  await using emulator = await listen();
  const before = await TestAgent.connect(emulator);
  const attached = emulator.attachTaskNetworkInterfaces(sampleAttachTaskNetworkInterfaces());
  const payload = emulator.sendPayload(samplePayload(1));
  const credentials = emulator.sendCredentials(sampleCredentials());
  const volume = emulator.confirmAttachment(sampleConfirmAttachment());
  emulator.sendError({ message: "once is enough" });
  const [attachFrame, payloadFrame, credentialsFrame] = await before.waitForFrames(5);
  assert.ok(attachFrame && payloadFrame && credentialsFrame);
  before.ack(attachFrame);
  before.ackCredentials(credentialsFrame);
  await Promise.all([attached.acked, credentials.acked]);

  emulator.endConnections();
  await before.ended;
  const resent = emulator.waitFor("sent");
  const after = await TestAgent.connect(emulator);
  const frames = await after.waitForFrames(2);

  assert.deepEqual(frames.map(({ message }) => message.messageId), [
    payload.messageId,
    volume.messageId,
  ]);
  assert.deepEqual(frames[0]?.message, payloadFrame.message);
  assert.equal((await resent).resent, true);
  for (const frame of frames) after.ack(frame);
  await Promise.all([payload.acked, volume.acked]);
  await after.leave();

  const last = await TestAgent.connect(emulator);
  emulator.sendError({ message: "the only frame" });
  assert.deepEqual(typesOf(await last.waitForFrames(1)), ["ErrorMessage"]);
  await last.leave();
});

test("A resent manifest is newer than before, since agents discard older ones", async () => {
  await using emulator = await listen();
  const { messageId } = emulator.sendTaskManifest(sampleTaskManifest(1));
  const before = await TestAgent.connect(emulator);
  const one = first(await before.waitForFrames(1)).message;
  await before.leave();
  const after = await TestAgent.connect(emulator);
  const other = first(await after.waitForFrames(1)).message;

  assert.deepEqual([one.messageId, other.messageId], [messageId, messageId]);
  assert.deepEqual([one.timeline, other.timeline], [1, 2]);
  await after.leave();
});

test("A message sent during the connected event goes over the new connection once", async () => {
  await using emulator = await listen();
  emulator.addEventListener("connected", () => emulator.sendPayload(samplePayload(1)));
  emulator.addEventListener("connected", () => emulator.sendError({ message: "last" }));

  const agent = await TestAgent.connect(emulator);

  assert.deepEqual(typesOf(await agent.waitForFrames(2)), ["PayloadMessage", "ErrorMessage"]);
  await agent.leave();
});

test("An ack with another cluster or container instance is a problem, not an ack", async () => {
  await using emulator = await listen();
  const agent = await TestAgent.connect(emulator);
  const { messageId, acked } = emulator.sendPayload(samplePayload());
  const payload = first(await agent.waitForFrames(1));

  const reported = emulator.waitFor("problem");
  agent.send("AckRequest", { cluster: "default", containerInstance: "x", messageId });
  assert.match(
    (await reported).problem,
    new RegExp(`AckRequest with messageId ${messageId} does not fit`),
  );

  assert.equal(emulator.pendingCount, 1);
  agent.ack(payload);
  await acked;
  await agent.leave();
});

test("An ack of the wrong type or for nothing is a problem", async () => {
  await using emulator = await listen();
  const agent = await TestAgent.connect(emulator);
  emulator.sendCredentials(sampleCredentials());
  const credentials = first(await agent.waitForFrames(1));

  for (
    const [send, expected] of [
      [() => agent.ack(credentials), /does not fit/],
      [() => agent.send("AckRequest", { messageId: "unheard-of" }), /answers no message/],
      [() => agent.send("HeartbeatAckRequest", {}), /\(none\) answers no message/],
    ] as const
  ) {
    const reported = emulator.waitFor("problem");
    send();
    assert.match((await reported).problem, expected);
  }
  await agent.leave();
});

test("Acks of a payload's credentials are not problems, before or after its own ack", async () => {
  await using emulator = await listen();
  const problems: string[] = [];
  emulator.addEventListener("problem", ({ detail }) => problems.push(detail.problem));
  const agent = await TestAgent.connect(emulator);
  const { acked } = emulator.sendPayload(samplePayload());
  const payload = first(await agent.waitForFrames(1));

  agent.ackCredentials(payload);
  agent.ack(payload);
  agent.ackCredentials(payload);
  await acked;
  agent.sendRaw("the end");
  await emulator.waitFor("problem");

  assert.deepEqual(problems, ["A frame of 7 bytes is not a JSON object"]);
  assert.equal(emulator.received.length, 3);
  await agent.leave();
});

test("A message may be acked once for each copy sent; one more ack is a problem", async () => {
  await using emulator = await listen();
  const problems: string[] = [];
  emulator.addEventListener("problem", ({ detail }) => problems.push(detail.problem));
  const before = await TestAgent.connect(emulator);
  const { messageId, acked } = emulator.sendPayload(samplePayload());
  await before.waitForFrames(1);
  await before.leave();
  const agent = await TestAgent.connect(emulator);
  const payload = first(await agent.waitForFrames(1));

  agent.ack(payload);
  await acked;
  agent.ack(payload);
  agent.ack(payload);
  await emulator.waitFor("problem");

  assert.deepEqual(problems, [
    `AckRequest with messageId ${messageId} answers the message more often than it was sent`,
  ]);
  await agent.leave();
});

test("An ack of another container instance's message is a problem, not an ack", async () => {
  await using emulator = await listen();
  const owner = await TestAgent.connect(emulator);
  const payload = emulator.sendPayload(samplePayload());
  const credentials = emulator.sendCredentials(sampleCredentials(2));
  const [payloadFrame, credentialsFrame] = await owner.waitForFrames(2);
  assert.ok(payloadFrame && credentialsFrame);
  const other = await TestAgent.connect(emulator, { query: OTHER_INSTANCE });

  for (
    const [send, messageId] of [
      [() => other.ack(payloadFrame), payload.messageId],
      [() => other.ackCredentials(credentialsFrame), credentials.messageId],
    ] as const
  ) {
    const reported = emulator.waitFor("problem");
    send();
    assert.match(
      (await reported).problem,
      new RegExp(`${messageId} answers a message that was sent to another container instance$`),
    );
  }
  assert.equal(emulator.pendingCount, 2);
  owner.ack(payloadFrame);
  owner.ackCredentials(credentialsFrame);
  await Promise.all([payload.acked, credentials.acked]);

  const late = emulator.waitFor("problem");
  other.ack(payloadFrame);
  assert.match((await late).problem, /another container instance$/);
  await Promise.all([owner.leave(), other.leave()]);
});

test("An ack of a queued message that was never sent is a problem, not an ack", async () => {
  await using emulator = await listen();
  const agent = await TestAgent.connect(emulator, { query: OTHER_INSTANCE });
  const { messageId } = emulator.sendCredentials(sampleCredentials(), {
    containerInstanceArn: SAMPLE_CONTAINER_INSTANCE_ARN,
  });

  const reported = emulator.waitFor("problem");
  agent.send("IAMRoleCredentialsAckRequest", { messageId });

  assert.match((await reported).problem, /answers no message that was sent$/);
  assert.equal(emulator.pendingCount, 1);
  await agent.leave();
});

test("Credentials acked with another credentials id count as acked, and are a problem", async () => {
  await using emulator = await listen();
  const agent = await TestAgent.connect(emulator);
  const { messageId, acked } = emulator.sendCredentials(sampleCredentials());
  await agent.waitForFrames(1);

  const reported = emulator.waitFor("problem");
  agent.send("IAMRoleCredentialsAckRequest", { messageId, credentialsId: "another" });

  await acked;
  assert.match((await reported).problem, /does not fit .* check its credentialsId$/);
  await agent.leave();
});

test("expectAck accepts only an answer that acknowledges the message", async () => {
  await using emulator = await listen();
  const agent = await TestAgent.connect(emulator);
  const { messageId } = emulator.sendPayload(samplePayload());
  const payload = first(await agent.waitForFrames(1));
  const acked = emulator.expectAck(messageId);
  const isAck = (type: string) => acked.then((answer) => assert.equal(answer.type, type));

  agent.ackCredentials(payload);
  agent.send("HeartbeatAckRequest", { messageId });
  agent.send("AckRequest", { cluster: "x", containerInstance: "y", messageId });
  await emulator.waitForMessage("AckRequest");
  await assert.rejects(emulator.expectAck(messageId, { within: 1 }), AckTimeoutError);
  agent.ack(payload);

  await isAck("AckRequest");
  assert.deepEqual((await emulator.expectAck(messageId)).message, {
    cluster: payload.message.clusterArn,
    containerInstance: payload.message.containerInstanceArn,
    messageId,
  });
  await agent.leave();
});

test("expectAck rejects when the agent refuses the message", async () => {
  await using emulator = await listen();
  const agent = await TestAgent.connect(emulator);
  const { messageId } = emulator.sendStageUpdate(sampleUpdate());
  const { message } = first(await agent.waitForFrames(1));
  const expected = emulator.expectAck(messageId);
  const { clusterArn: cluster, containerInstanceArn: containerInstance } = message;
  agent.send("NackRequest", { cluster, containerInstance, messageId, reason: "disk full" });

  for (const wait of [expected, emulator.expectAck(messageId)]) {
    await assert.rejects(
      wait,
      (error) => error instanceof MessageNackedError && error.reason === "disk full",
    );
  }
  await agent.leave();
});

test("An ack that may answer a raw frame is not a problem", async () => {
  await using emulator = await listen();
  const problems: string[] = [];
  emulator.addEventListener("problem", ({ detail }) => problems.push(detail.problem));
  const agent = await TestAgent.connect(emulator);
  emulator.sendRaw('{"type":"HeartbeatMessage","message":{"messageId":"by-hand"}}');
  await agent.waitForTexts(1);
  agent.send("HeartbeatAckRequest", { messageId: "by-hand" });
  await emulator.expectAck("by-hand");
  assert.deepEqual(problems, []);
});

test("Ids from an agent can neither forge lines of the output nor flood it", async () => {
  await using emulator = await listen();
  const agent = await TestAgent.connect(emulator);
  for (
    const [type, messageId] of [["AckRequest", `a\n\u001b[31m${"x".repeat(500)}`], ["b\r\nc", ""]]
  ) {
    const reported = emulator.waitFor("problem");
    agent.send(type ?? "", { messageId });
    const { problem } = await reported;
    assert.doesNotMatch(problem, /\p{Cc}/u);
    assert.ok(problem.length < 250, problem);
  }
});

test("A message that agents should not send is a problem that quotes no contents", async () => {
  await using emulator = await listen();
  const agent = await TestAgent.connect(emulator);
  for (
    const [text, expected] of [
      ["not json secret", "A frame of 15 bytes is not a JSON object"],
      ['["secret"]', "A frame of 10 bytes is not a JSON object"],
      ['{"message":"secret"}', "A frame has no type"],
      [
        '{"type":"PayloadMessage","message":{}}',
        "PayloadMessage is not a message that agents send",
      ],
      ['{"type":"AckRequest","message":"secret"}', "The AckRequest has no message object"],
      [
        '{"type":"AckRequest","message":{"messageId":7}}',
        "The AckRequest has a field of the wrong type",
      ],
      [
        '{"type":"NackRequest","message":{"reason":[]}}',
        "The NackRequest has a field of the wrong type",
      ],
      [
        '{"type":"TaskStopVerificationMessage","message":{"stopCandidates":["secret"]}}',
        "The TaskStopVerificationMessage has a field of the wrong type",
      ],
    ] as const
  ) {
    const reported = emulator.waitFor("problem");
    agent.sendRaw(text);
    assert.equal((await reported).problem, expected);
  }
  assert.equal(emulator.received.length, 0);
  await agent.leave();
});

test("An update that the agent refuses is rejected with the agent's reason and not resent", async () => {
  await using emulator = await listen();
  const agent = await TestAgent.connect(emulator);
  const { messageId, acked } = emulator.sendStageUpdate(sampleUpdate());
  const { message } = first(await agent.waitForFrames(1));
  agent.send("NackRequest", {
    cluster: message.clusterArn,
    containerInstance: message.containerInstanceArn,
    messageId,
    reason: "disk full",
  });

  await assert.rejects(acked, (error) => {
    assert.ok(error instanceof MessageNackedError);
    assert.deepEqual([error.messageId, error.reason], [messageId, "disk full"]);
    return true;
  });
  assert.equal(emulator.pendingCount, 0);
  await agent.leave();
});

test("Raw frames are sent unchanged: broken text, binary", async () => {
  await using emulator = await listen();
  const agent = await TestAgent.connect(emulator);

  emulator.sendRaw("{broken");
  emulator.sendRaw(new TextEncoder().encode("bytes"));

  assert.deepEqual(await agent.waitForTexts(2), ["{broken", "binary:bytes"]);
  await agent.leave();
});

test("A message for one container instance waits for that one", async () => {
  await using emulator = await listen();
  const other = `${SAMPLE_CONTAINER_INSTANCE_ARN.slice(0, -1)}0`;
  const { messageId } = emulator.sendPayload(samplePayload(), { containerInstanceArn: other });
  const one = await TestAgent.connect(emulator);
  emulator.sendError({ message: "for the newest" });
  assert.deepEqual(typesOf(await one.waitForFrames(1)), ["ErrorMessage"]);

  const two = await TestAgent.connect(emulator, { query: { containerInstanceArn: other } });
  const payload = first(await two.waitForFrames(1));

  assert.deepEqual(
    [payload.message.messageId, payload.message.containerInstanceArn],
    [messageId, other],
  );
  await Promise.all([one.leave(), two.leave()]);
});

test("A message that one container instance has received is not resent to another", async () => {
  await using emulator = await listen();
  const one = await TestAgent.connect(emulator);
  const { messageId } = emulator.sendPayload(samplePayload());
  await one.waitForFrames(1);
  await one.leave();

  const containerInstanceArn = `${SAMPLE_CONTAINER_INSTANCE_ARN.slice(0, -1)}0`;
  const two = await TestAgent.connect(emulator, { query: { containerInstanceArn } });
  emulator.sendError({ message: "the only frame" });
  assert.deepEqual(typesOf(await two.waitForFrames(1)), ["ErrorMessage"]);
  const back = await TestAgent.connect(emulator);

  assert.equal(first(await back.waitForFrames(1)).message.messageId, messageId);
  await Promise.all([two.leave(), back.leave()]);
});

test("A heartbeat on request is answered, or lost with its connection", async () => {
  await using emulator = await listen();
  const agent = await TestAgent.connect(emulator);
  const answered = emulator.sendHeartbeat();
  await agent.waitForTexts(1);
  agent.send("HeartbeatAckRequest", { messageId: answered.messageId });
  assert.equal((await answered.acked).type, "HeartbeatAckRequest");

  const lost = emulator.sendHeartbeat();
  await agent.waitForTexts(2);
  await agent.leave();

  await assert.rejects(lost.acked, AnswerLostError);
});

test("An agent that asks for all credentials gets the newest of each task and role", async () => {
  await using emulator = await listen();
  emulator.issueCredentials(sampleCredentials(1, "TaskApplication"));
  emulator.issueCredentials(sampleCredentials(1, "TaskExecution"));
  emulator.issueCredentials({ ...sampleCredentials(1, "TaskExecution"), taskClusterArn: "newer" });
  const pending = emulator.sendCredentials(sampleCredentials(2));

  const agent = await TestAgent.connect(emulator, { query: { sendCredentials: "true" } });
  emulator.sendError({ message: "the last frame" });
  const frames = await agent.waitForFrames(4);

  assert.deepEqual(
    frames.slice(0, 3).map(({ message }) => [message.roleType, message.taskClusterArn]),
    [
      ["TaskApplication", SAMPLE_CLUSTER_ARN],
      ["TaskExecution", "newer"],
      ["TaskApplication", SAMPLE_CLUSTER_ARN],
    ],
  );
  assert.equal(frames[2]?.message.messageId, pending.messageId);
  assert.equal(frames[3]?.type, "ErrorMessage");
  await agent.leave();
});

test("Credentials that were acknowledged are sent to an agent that asks for all, and to no other", async () => {
  await using emulator = await listen();
  const agent = await TestAgent.connect(emulator);
  const { acked, messageId } = emulator.sendCredentials(sampleCredentials());
  agent.ackCredentials(first(await agent.waitForFrames(1)));
  await acked;
  await agent.leave();

  const resumed = await TestAgent.connect(emulator, { query: { sendCredentials: "false" } });
  emulator.sendError({ message: "the only frame" });
  assert.deepEqual(typesOf(await resumed.waitForFrames(1)), ["ErrorMessage"]);
  await resumed.leave();

  const restarted = await TestAgent.connect(emulator, { query: { sendCredentials: "true" } });
  const { type, message } = first(await restarted.waitForFrames(1));
  assert.equal(type, "IAMRoleCredentialsMessage");
  assert.notEqual(message.messageId, messageId);
  await restarted.leave();
});

test("A stop verification is answered with its candidates and the manifest's id", async () => {
  await using emulator = await listen();
  const agent = await TestAgent.connect(emulator);
  const { messageId } = emulator.sendTaskManifest(sampleTaskManifest(1));
  agent.ack(first(await agent.waitForFrames(1)));
  const stopCandidates = [{ ...sampleTaskIdentifier(2), desiredStatus: "STOPPED" }];
  agent.send("TaskStopVerificationMessage", { messageId, stopCandidates });

  const verification = await emulator.waitForMessage("TaskStopVerificationMessage", {
    where: (message) => message.messageId === messageId,
  });
  const { type, message } = (await agent.waitForFrames(2))[1] ?? {};

  assert.deepEqual(verification.message.stopCandidates, stopCandidates);
  assert.equal(type, "TaskStopVerificationAck");
  assert.equal(message?.messageId, messageId);
  assert.deepEqual(message?.stopTasks, stopCandidates);
  assert.equal(typeof message?.generatedAt, "number");
  await agent.leave();
});

test("A stop verification is not answered if answerTaskStopVerification is false", async () => {
  await using emulator = await AcsEmulator.listen({
    heartbeatIntervalMs: 0,
    answerTaskStopVerification: false,
  });
  const agent = await TestAgent.connect(emulator);
  agent.send("TaskStopVerificationMessage", { messageId: "m", stopCandidates: [] });
  await emulator.waitForMessage("TaskStopVerificationMessage");

  emulator.sendTaskStopVerificationAck({ messageId: "m", stopTasks: [sampleTaskIdentifier(3)] });

  const { message } = first(await agent.waitForFrames(1));
  assert.deepEqual(message.stopTasks, [sampleTaskIdentifier(3)]);
  await agent.leave();
});

test("Waits for acks and events end with the emulator", async () => {
  const emulator = await listen();
  const { acked } = emulator.sendPayload(samplePayload());
  const waiting = [
    acked,
    emulator.waitForConnection(),
    emulator.waitForMessage("AckRequest"),
    emulator.expectAck("m"),
    emulator.waitFor("problem"),
  ];
  const rejected = waiting.map((promise) => assert.rejects(promise, EmulatorClosedError));

  await emulator.close();

  await Promise.all(rejected);
});

test("Waiting ends with the caller's signal", async () => {
  await using emulator = await listen();
  const reason = new Error("enough");
  const controller = new AbortController();
  const { signal } = controller;
  const waiting = [
    emulator.waitForConnection({ signal }),
    emulator.waitForMessage("NackRequest", { signal }),
    emulator.expectAck("m", { signal }),
  ];

  controller.abort(reason);

  for (const promise of waiting) await assert.rejects(promise, reason);
  await assert.rejects(emulator.waitFor("sent", { signal }), reason);
});
