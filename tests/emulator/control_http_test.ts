import assert from "node:assert/strict";
import { AcsEmulator, SAMPLE_CONTAINER_INSTANCE_ARN, sampleTask } from "../../emulator/mod.ts";
import { turns, until } from "../testing/fakes/fake_time.ts";
import { test } from "../testing/test.ts";
import { call, operate } from "./control_client.ts";
import { type Frame, TestAgent } from "./test_agent.ts";

function listen(): Promise<AcsEmulator> {
  return AcsEmulator.listen({ heartbeatIntervalMs: 0 });
}

function last(frames: readonly Frame[]): Frame {
  const frame = frames.at(-1);
  assert.ok(frame);
  return frame;
}

test("A task that is run over HTTP reaches the agent, and its acknowledgement can be waited for", async () => {
  await using emulator = await listen();
  const agent = await TestAgent.connect(emulator);

  const { messageId, taskArn, ...rest } = await operate(emulator, "run-task", {
    task: { family: "api" },
  });
  const payload = last(await agent.waitForFrames(1));
  agent.ack(payload);
  const answer = await operate(emulator, "expect-ack", { messageId, within: 5_000 });

  assert.deepEqual(rest, {});
  assert.equal(payload.message.messageId, messageId);
  const [task] = Array.isArray(payload.message.tasks) ? payload.message.tasks : [];
  assert.equal(task.arn, taskArn);
  assert.equal(task.family, "api");
  assert.deepEqual([answer.type, answer.messageId], ["AckRequest", messageId]);
  await agent.leave();
});

test("Every message that a method can send can be sent over HTTP", async () => {
  await using emulator = await listen();
  const agent = await TestAgent.connect(emulator);
  const { taskArn } = await operate(emulator, "run-task");

  for (
    const [name, input, type] of [
      ["stop-task", { taskArn }, "PayloadMessage"],
      ["attach-network-interface", { taskArn }, "AttachTaskNetworkInterfacesMessage"],
      ["attach-network-interface", {}, "AttachInstanceNetworkInterfacesMessage"],
      [
        "attach-volume",
        { taskArn, properties: { fileSystem: "ext4" } },
        "ConfirmAttachmentMessage",
      ],
      ["rotate-credentials", { taskArn, roleType: "TaskExecution" }, "IAMRoleCredentialsMessage"],
      ["send-task-manifest", {}, "TaskManifestMessage"],
      ["send", { type: "StageUpdateMessage", message: {} }, "StageUpdateMessage"],
      ["send", { type: "ErrorMessage", message: { message: "oops" } }, "ErrorMessage"],
      ["send", { type: "HeartbeatMessage", exact: true, message: { new: 1 } }, undefined],
    ] as const
  ) {
    const count = agent.texts.length;
    const result = await operate(emulator, name, input);
    const sent = JSON.parse((await agent.waitForTexts(count + 1))[count] ?? "");
    if (type === undefined) {
      assert.deepEqual(sent, { type: "HeartbeatMessage", message: { new: 1 } });
      continue;
    }
    assert.equal(sent.type, type);
    if (type !== "ErrorMessage") assert.equal(result.messageId, sent.message.messageId);
  }
  await operate(emulator, "send-raw", { text: "{broken" });
  await operate(emulator, "send-raw", { base64: "AP8=" });
  const texts = await agent.waitForTexts(12);
  assert.equal(texts[10], "{broken");
  assert.match(texts[11] ?? "", /^binary:/);
  const heartbeat = await operate(emulator, "send-heartbeat");
  assert.match((await agent.waitForTexts(13))[12] ?? "", new RegExp(String(heartbeat.messageId)));
  await agent.leave();
});

test("A container instance can be deregistered and registered over HTTP", async () => {
  await using emulator = await listen();
  const containerInstanceArn = SAMPLE_CONTAINER_INSTANCE_ARN;

  await operate(emulator, "deregister-container-instance", { containerInstanceArn });
  const deregistered = (await call(emulator, "/emulator/container-instances")).body;
  await operate(emulator, "register-container-instance", { containerInstanceArn });
  const registered = (await call(emulator, "/emulator/container-instances")).body;

  assert.deepEqual(deregistered.containerInstances, [{ containerInstanceArn, status: "INACTIVE" }]);
  assert.deepEqual(registered.containerInstances, [{ containerInstanceArn, status: "ACTIVE" }]);
});

test("State, tasks, connections, pending messages and transcript can be read over HTTP", async () => {
  await using emulator = await listen();
  const agent = await TestAgent.connect(emulator);
  const { taskArn, messageId } = await operate(emulator, "run-task");
  await agent.waitForFrames(1);
  const get = async (name: string) => (await call(emulator, `/emulator/${name}`)).body;

  const state = await get("state");
  assert.deepEqual([state.url, state.tasks, state.connections, state.pending], [
    emulator.url,
    1,
    1,
    1,
  ]);
  assert.deepEqual(await get("tasks"), {
    tasks: [{
      taskArn,
      containerInstanceArn: SAMPLE_CONTAINER_INSTANCE_ARN,
      desiredStatus: "RUNNING",
      lastStatus: "PENDING",
    }],
  });
  assert.deepEqual(await get("pending"), {
    pending: [{
      type: "PayloadMessage",
      messageId,
      containerInstanceArn: SAMPLE_CONTAINER_INSTANCE_ARN,
    }],
  });
  const { connections } = await get("connections");
  assert.ok(Array.isArray(connections));
  assert.equal(connections[0].agent.version, "1.0.0");
  assert.equal(connections[0].open, true);
  const { entries } = await get("transcript?after=1&limit=1");
  assert.ok(Array.isArray(entries));
  assert.deepEqual(entries.map(({ number, event, type }) => [number, event, type]), [
    [2, "sent", "PayloadMessage"],
  ]);
  await agent.leave();
});

test("No response of the control plane contains a secret", async () => {
  await using emulator = await listen();
  const agent = await TestAgent.connect(emulator);
  const { roleCredentials } = sampleTask();
  const { taskArn } = await operate(emulator, "run-task");
  await operate(emulator, "rotate-credentials", { taskArn });
  const frames = await agent.waitForFrames(2);
  const secrets = [roleCredentials?.sessionToken, ...secretsOf(frames)];

  let responses = "";
  for (const name of ["", "state", "tasks", "connections", "pending", "transcript"]) {
    responses += (await call(emulator, `/emulator/${name}`)).text;
  }

  assert.ok(secrets.length > 4);
  for (const secret of secrets) {
    assert.ok(!responses.includes(secret ?? "-"), "a secret is reported");
  }
  assert.match(responses, /\[redacted\]/);
  await agent.leave();
});

function secretsOf(frames: readonly Frame[]): string[] {
  return [...JSON.stringify(frames).matchAll(/"(?:secretAccessKey|sessionToken)":"([^"]+)"/g)]
    .map(([, secret]) => secret ?? "");
}

test("A wait finds an earlier event by the number of the entry before it", async () => {
  await using emulator = await listen();
  const { lastEntry } = (await call(emulator, "/emulator/state")).body;
  const agent = await TestAgent.connect(emulator);
  const waiting = operate(emulator, "wait-for", {
    event: "received",
    where: { type: "HeartbeatAckRequest", message: { messageId: "h" } },
    within: 5_000,
  });

  const connected = await operate(emulator, "wait-for", { event: "connected", after: lastEntry });
  agent.send("HeartbeatAckRequest", { messageId: "other" });
  agent.send("HeartbeatAckRequest", { messageId: "h" });

  assert.equal(connected.containerInstanceArn, SAMPLE_CONTAINER_INSTANCE_ARN);
  assert.equal((await waiting).messageId, "h");
  await agent.leave();
});

test("A wait that times out gets 504 and names the event and the time", async () => {
  await using emulator = await listen();
  const { messageId } = await operate(emulator, "run-task");

  const ack = await call(emulator, "/emulator/expect-ack", { body: { messageId, within: 1 } });
  const event = await call(emulator, "/emulator/wait-for", {
    body: { event: "connected", within: 1 },
  });

  assert.deepEqual([ack.status, ack.body], [504, {
    error: {
      name: "AckTimeoutError",
      message: `Message ${messageId} was not acknowledged within 1 ms`,
    },
  }]);
  assert.equal(event.status, 504);
  assert.match(event.text, /EventTimeoutError.*connected.* 1 ms/s);
});

test("A client that disconnects while it waits leaves nothing behind", async () => {
  await using emulator = await listen();
  const gone = new AbortController();
  let answered = 0;
  const waiting = call(emulator, "/emulator/wait-for", {
    body: { event: "connected" },
    signal: gone.signal,
  }).finally(() => answered++);
  await call(emulator, "/emulator/state");
  await turns(20);

  gone.abort();

  await assert.rejects(waiting);
  await until(() => answered === 1, "the call is over");
});

test("The list of operations says how each is called", async () => {
  await using emulator = await listen();

  const { status, body } = await call(emulator, "/emulator");

  assert.equal(status, 200);
  assert.ok(Array.isArray(body.operations));
  assert.ok(body.operations.length > 15);
  assert.deepEqual(body.operations.find(({ path }) => path === "/emulator/stop-task"), {
    method: "POST",
    path: "/emulator/stop-task",
    summary: "Stops a task by sending it in a payload with desiredStatus STOPPED",
    fields: ["taskArn"],
  });
});

for (
  const { title, path = "run-task", method = "POST", body, status, message } of [
    {
      title: "A misspelled field",
      body: '{"taskk": {}}',
      status: 400,
      message: /^taskk: unknown field; did you mean task\?$/,
    },
    {
      title: "A misspelled field of a task",
      body: '{"task": {"containers": [{"imgae": "nginx"}]}}',
      status: 400,
      message: /^task: containers\[0\]\.imgae: unknown field; did you mean image\?$/,
    },
    {
      title: "A field of a task with the wrong type",
      body: '{"task": {"memory": "much"}}',
      status: 400,
      message: /^task: memory: expected integer, got string$/,
    },
    {
      title: "A missing field",
      path: "stop-task",
      body: "{}",
      status: 400,
      message: /^taskArn: is missing$/,
    },
    {
      title: "An unknown task",
      path: "stop-task",
      body: '{"taskArn": "arn:none"}',
      status: 404,
      message: /arn:none/,
    },
    {
      title: "An unknown message type",
      path: "send",
      body: '{"type": "PayloadMassage"}',
      status: 400,
      message: /^type: unknown value; did you mean "PayloadMessage"\?$/,
    },
    {
      title: "A message with a field of the wrong type",
      path: "send",
      body: '{"type": "PayloadMessage", "message": {"tasks": {}}}',
      status: 400,
      message: /^message: tasks: expected list, got object$/,
    },
    {
      title: "A task without containers",
      body: '{"task": {"containers": []}}',
      status: 400,
      message: /^task: containers: a task without containers never starts/,
    },
    {
      title: "A payload with a task without containers",
      path: "send",
      body: '{"type": "PayloadMessage", "message": {"tasks": [{"desiredStatus": "RUNNING"}]}}',
      status: 400,
      message: /^message: tasks\[0\]\.containers: a task without containers never starts/,
    },
    {
      title: "A raw frame without content",
      path: "send-raw",
      body: "{}",
      status: 400,
      message: /^expected either text or base64$/,
    },
    {
      title: "Content that is not base64",
      path: "send-raw",
      body: '{"base64": "?"}',
      status: 400,
      message: /^base64: is not base64$/,
    },
    {
      title: "A wait of more than an hour",
      path: "wait-for",
      body: '{"event": "connected", "within": 3600001}',
      status: 400,
      message: /^within: expected a whole number from 0 to 3600000$/,
    },
    {
      title: "A parameter in a URL that is not a number",
      path: "transcript?after=soon",
      method: "GET",
      status: 400,
      message: /^after: expected a whole number/,
    },
    { title: "A list instead of an object", body: "[]", status: 400, message: /^expected object/ },
    { title: "A body that is not JSON", body: "{", status: 400, message: /^The body is not JSON$/ },
    {
      title: "An unknown operation",
      path: "run",
      body: "{}",
      status: 404,
      message: /GET/,
    },
    {
      title: "A name that every object inherits",
      path: "toString",
      body: "{}",
      status: 404,
      message: /no/,
    },
    { title: "A GET of a command", method: "GET", status: 405, message: /^This is a POST$/ },
    { title: "A POST of a query", path: "state", body: "{}", status: 405, message: /GET$/ },
    {
      title: "A body of more than 1 MiB",
      body: " ".repeat(1_048_577),
      status: 413,
      message: /^A call has at most 1048576 bytes$/,
    },
  ]
) {
  test(`${title} is refused with ${status} and an error that says why`, async () => {
    await using emulator = await listen();

    const answer = await call(emulator, `/emulator/${path}`, { method, body });

    const { error } = answer.body;
    assert.ok(typeof error === "object" && error !== null && "message" in error);
    assert.match(String(error.message), message);
    assert.equal(answer.status, status);
    assert.equal(answer.headers["content-type"], "application/json");
    if (status === 405) assert.match(String(answer.headers.allow), /^(GET|POST)$/);
    assert.equal(emulator.pendingCount, 0);
  });
}

test("Control calls need no signature and use up no fault for the ECS API", async () => {
  await using emulator = await listen();
  emulator.refuseNextDiscover();

  const { status } = await call(emulator, "/emulator/state");

  assert.equal(status, 200);
  assert.equal(emulator.discoverCount, 0);
});

test("Faults are injected and cleared over HTTP", async () => {
  await using emulator = await listen();
  const agent = await TestAgent.connect(emulator);

  await operate(emulator, "inject-fault", {
    fault: { at: "upgrade", action: "refuse", status: 503 },
    next: 2,
  });
  await operate(emulator, "clear-faults");
  await operate(emulator, "inject-fault", {
    fault: { at: "connection", action: "close", code: 1011, reason: "server error" },
  });

  const { code, reason } = await agent.ended;
  assert.deepEqual([code, reason], [1011, "server error"]);
  await (await TestAgent.connect(emulator)).leave();
});

test("An invalid fault is refused with an error that names the field", async () => {
  await using emulator = await listen();

  const { status, text } = await call(emulator, "/emulator/inject-fault", {
    body: { fault: { at: "upgrade", action: "refuse", staus: 503 } },
  });

  assert.equal(status, 400);
  assert.match(text, /fault: staus is not a field of the fault upgrade\/refuse/);
});
