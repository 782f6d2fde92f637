import assert from "node:assert/strict";
import {
  AcsEmulator,
  EXAMPLE_CREDENTIALS,
  SAMPLE_CONTAINER_INSTANCE_ARN,
} from "../../emulator/mod.ts";
import { test } from "../testing/test.ts";
import { call, operate } from "./control_client.ts";
import { expectRefusal, signHeaders, TestAgent, upgradeUrl } from "./test_agent.ts";

function listen(): Promise<AcsEmulator> {
  return AcsEmulator.listen({ heartbeatIntervalMs: 0 });
}

async function faultsOf(emulator: AcsEmulator): Promise<unknown> {
  return (await call(emulator, "/emulator/faults")).body;
}

test("Waiting and active faults are listed until they have taken effect or are cleared", async () => {
  await using emulator = await listen();
  const agent = await TestAgent.connect(emulator);
  const refuse = { at: "upgrade", action: "refuse", status: 500 } as const;
  const slow = { at: "connection", action: "delay", ms: 1 } as const;
  const later = { at: "connection", action: "reset", afterMs: 60_000 } as const;
  const containerInstanceArn = SAMPLE_CONTAINER_INSTANCE_ARN;

  await operate(emulator, "inject-fault", { fault: refuse, next: 2 });
  await operate(emulator, "inject-fault", { fault: { ...slow, ms: 5 } });
  await operate(emulator, "inject-fault", { fault: slow });
  await operate(emulator, "inject-fault", { fault: later, containerInstanceArn });
  await expectRefusal(emulator);

  const on = { containerInstanceArn, connectionId: 1 };
  assert.deepEqual(await faultsOf(emulator), {
    waiting: [{ id: "fault-1", fault: refuse, left: 1 }],
    active: [
      { ...on, id: "fault-3", fault: slow, scheduled: false },
      { ...on, id: "fault-4", fault: later, scheduled: true },
    ],
  });
  await operate(emulator, "clear-faults");
  assert.deepEqual(await faultsOf(emulator), { waiting: [], active: [] });
  await agent.leave();
});

test("The lists of tasks and connections can be limited to the newest", async () => {
  await using emulator = await listen();
  const first = await TestAgent.connect(emulator);
  await operate(emulator, "run-task");
  const { taskArn } = await operate(emulator, "run-task");
  await first.leave();
  const second = await TestAgent.connect(emulator);

  const { tasks } = (await call(emulator, "/emulator/tasks?limit=1")).body;
  const { connections } = (await call(emulator, "/emulator/connections?limit=1")).body;

  assert.ok(Array.isArray(tasks) && Array.isArray(connections));
  assert.deepEqual(tasks.map((task) => task.taskArn), [taskArn]);
  assert.deepEqual(connections.map(({ id }) => id), [2]);
  await second.leave();
});

test("The list of operations contains the valid values of their fields, and the fields of every fault", async () => {
  await using emulator = await listen();

  const { operations, faults } = (await call(emulator, "/emulator/")).body;

  assert.ok(Array.isArray(operations));
  const send = operations.find(({ path }) => path === "/emulator/send");
  assert.ok(send.choices.type.includes("PayloadMessage"));
  const { connection } = Object(faults);
  assert.deepEqual(connection.slowRead, {
    required: ["bytesPerSecond"],
    optional: ["service", "afterMs"],
  });
});

test("A scenario can be played over HTTP, and the response is its report", async () => {
  await using emulator = await listen();
  const agent = await TestAgent.connect(emulator);

  const playing = call(emulator, "/emulator/play-scenario", {
    body: {
      name: "from the console",
      steps: [
        { do: "run-task", as: "task" },
        { expect: "ack", messageId: "$task.messageId", within: 5_000 },
        { expectNo: "problem", for: 1 },
      ],
    },
  });
  const [payload] = await agent.waitForFrames(1);
  assert.ok(payload);
  agent.ack(payload);

  const { status, body } = await playing;
  assert.equal(status, 200);
  assert.deepEqual([body.name, body.passed], ["from the console", true]);
  assert.ok(Array.isArray(body.steps));
  assert.deepEqual(body.steps.map(({ outcome }) => outcome), ["ok", "ok", "ok"]);
  await agent.leave();
});

test("An invalid scenario is refused with status 400, and the error names the step and the field", async () => {
  await using emulator = await listen();

  const { status, text } = await call(emulator, "/emulator/play-scenario", {
    body: { steps: [{ do: "run-task" }, { do: "stop-task", with: { taskArm: "x" } }] },
  });

  assert.equal(status, 400);
  assert.match(text, /ScenarioError.*step 2.*taskArm/s);
});

test("A refused upgrade is recorded with the request and the expected one", async () => {
  await using emulator = await listen();
  const headers = { "User-Agent": "test", "X-Custom": "private value" };

  await expectRefusal(emulator, { headers });

  const { sent, expected, ...refused } = Object(emulator.transcript.at(-1));
  assert.deepEqual([refused.event, refused.request, refused.status], ["refused", "upgrade", 403]);
  assert.equal(refused.containerInstanceArn, SAMPLE_CONTAINER_INSTANCE_ARN);
  assert.equal(sent.method, "GET");
  assert.match(sent.target, /^\/ws\?agentHash=deadbeef&/);
  assert.equal(sent.headers["user-agent"], "test");
  assert.equal(sent.headers["x-custom"], "[redacted]");
  assert.match(
    expected.headers.authorization,
    /^AWS4-HMAC-SHA256 Credential=<access key ID>\/\d{8}\/us-west-2\/ecs\/aws4_request, SignedHeaders=host;x-amz-date, /,
  );
  assert.equal(expected.canonicalRequest, undefined);
});

test("A wrong signature is recorded with the canonical request that the emulator computed", async () => {
  await using emulator = await listen();
  const credentials = { ...EXAMPLE_CREDENTIALS, secretAccessKey: "another secret key" };

  await expectRefusal(emulator, { credentials });

  const { expected } = Object(emulator.transcript.at(-1));
  assert.match(expected.canonicalRequest, /^GET\n\/ws\nagentHash=deadbeef&/);
  assert.match(expected.canonicalRequest, /\nhost:127\.0\.0\.1:\d+\n/);
});

test("A refusal is recorded without keys, tokens, signatures or unknown values", async () => {
  const credentials = {
    accessKeyId: "AKIDOFTHISTEST",
    secretAccessKey: "secret key of this test",
    sessionToken: "session token of this test",
  };
  await using emulator = await AcsEmulator.listen({ credentials });
  const query = { secretParameter: "a value in the query" };
  const url = upgradeUrl(emulator, query);
  const signed = await signHeaders(url, { ...credentials, secretAccessKey: "a wrong one" });
  const headers = { ...signed, cookie: "a value in a cookie" };

  await expectRefusal(emulator, { query, headers });
  await expectRefusal(emulator, { query, headers: { authorization: "Basic dXNlcjpwYXNz" } });

  const recorded = JSON.stringify(emulator.transcript);
  const signature = /Signature=(\w+)/.exec(signed["authorization"] ?? "")?.[1] ?? "-";
  for (
    const secret of [
      credentials.accessKeyId,
      credentials.secretAccessKey,
      credentials.sessionToken,
      encodeURIComponent(credentials.sessionToken),
      "in the query",
      "in%20the%20query",
      "in+the+query",
      "in a cookie",
      "dXNlcjpwYXNz",
      signature,
    ]
  ) {
    assert.ok(!recorded.includes(secret), secret);
  }
  assert.match(recorded, /secretParameter=\[redacted\]/);
});
