import assert from "node:assert/strict";
import { request } from "node:http";
import { AcsEmulator } from "../../emulator/mod.ts";
import { test } from "../testing/test.ts";
import { call } from "./control_client.ts";
import { callEcs, REGISTRATION, ScriptedAgent } from "./scripted_agent.ts";
import { signHeaders } from "./test_agent.ts";

test("A fault for one operation affects only that operation, as many times as specified", async () => {
  await using emulator = await AcsEmulator.listen();
  emulator.injectFault(
    { at: "api", operation: "RegisterContainerInstance", action: "refuse" },
    { next: 2 },
  );

  assert.equal((await callEcs(emulator, "CreateCluster", {})).status, 200);
  const statuses: number[] = [];
  for (let n = 0; n < 3; n++) {
    statuses.push((await callEcs(emulator, "RegisterContainerInstance", REGISTRATION)).status);
  }
  assert.deepEqual(statuses, [500, 500, 200]);
  assert.equal(emulator.containerInstances.length, 1);
});

test("A fault for any operation can be an exception by name, or the body of a proxy", async () => {
  await using emulator = await AcsEmulator.listen();
  emulator.injectFault({
    at: "api",
    action: "refuse",
    status: 400,
    exception: "ThrottlingException",
    message: "Rate exceeded",
  });
  const { status, body } = await callEcs(emulator, "ListClusters", {});
  assert.deepEqual([status, body], [400, {
    __type: "com.amazonaws.ecs#ThrottlingException",
    message: "Rate exceeded",
  }]);
  emulator.injectFault({ at: "api", action: "refuse", status: 502, body: "{}" });
  assert.deepEqual(await callEcs(emulator, "ListClusters", {}), { status: 502, body: {} });
});

for (const action of ["end", "reset"] as const) {
  test(`A call whose answer is lost by ${action} has its effect, and is not repeated by a call with the same token`, async () => {
    await using emulator = await AcsEmulator.listen();
    emulator.injectFault({ at: "api", action, after: "call" });
    const input = { ...REGISTRATION, clientToken: "token" };

    await assert.rejects(callEcs(emulator, "RegisterContainerInstance", input));
    const { body } = await callEcs(emulator, "RegisterContainerInstance", input);

    assert.deepEqual(
      emulator.containerInstances.map(({ containerInstanceArn }) => containerInstanceArn),
      [Object(body.containerInstance).containerInstanceArn],
    );
  });

  test(`A call that is lost to ${action} before it is read has no effect`, async () => {
    await using emulator = await AcsEmulator.listen();
    emulator.injectFault({ at: "api", operation: "CreateCluster", action });
    await assert.rejects(callEcs(emulator, "CreateCluster", { clusterName: "test" }));
    assert.equal(Object(emulator.callApi("ListClusters")).clusterArns.length, 1);
  });
}

test("A scenario calls the API, injects faults into it, and expects statuses of tasks", async () => {
  await using emulator = await AcsEmulator.listen({ heartbeatIntervalMs: 0 });
  const main = { name: "main", image: "busybox", memory: 4, command: ["exit", "3"] };
  const playing = emulator.playScenario({
    steps: [
      {
        do: "inject-fault",
        with: { fault: { at: "api", operation: "SubmitTaskStateChange", action: "refuse" } },
      },
      { expect: "connected" },
      {
        do: "call-api",
        with: {
          operation: "RegisterTaskDefinition",
          input: { family: "web", containerDefinitions: [main] },
        },
      },
      {
        do: "call-api",
        with: { operation: "RunTask", input: { taskDefinition: "web" } },
        as: "run",
      },
      { expect: "refused", match: { request: "SubmitTaskStateChange", status: 500 } },
      {
        expect: "taskStateChanged",
        match: {
          taskArn: "$run.tasks.0.taskArn",
          lastStatus: "STOPPED",
          containers: [{ name: "main", exitCode: 3 }],
        },
      },
      { expectNo: "problem", for: 0 },
    ],
  });
  const agent = await ScriptedAgent.start(emulator);
  const report = await playing;
  assert.deepEqual(report.steps.flatMap(({ error }) => error ?? []), []);
  await agent.leave();
});

test("If a call from a scenario or over HTTP is refused, the error says why", async () => {
  await using emulator = await AcsEmulator.listen();
  const answer = await call(emulator, "/emulator/call-api", {
    body: { operation: "RunTask", input: { taskDefinition: "none" } },
  });
  assert.equal(answer.status, 400);
  assert.deepEqual(answer.body.error, {
    name: "EcsApiError",
    message: "TaskDefinition not found.",
  });
});

test("The events and the transcript of calls contain no secrets", async () => {
  await using emulator = await AcsEmulator.listen();
  const events: unknown[] = [];
  emulator.addEventListener("apiCall", ({ detail }) => void events.push(detail));
  await callEcs(emulator, "RegisterTaskDefinition", {
    family: "web",
    unknown: "hunter22",
    containerDefinitions: [{
      name: "main",
      image: "busybox",
      memory: 4,
      command: ["--password=hunter22"],
      environment: [{ name: "KEY", value: "hunter22" }],
      logConfiguration: { logDriver: "splunk", options: { token: "hunter22" } },
    }],
  });
  assert.equal(events.length, 1);
  for (const reported of [events, emulator.transcript]) {
    assert.doesNotMatch(JSON.stringify(reported), /hunter22/);
    assert.match(JSON.stringify(reported), /"KEY"/);
  }
});

test("A web page that has the example key must not call the ECS API", async () => {
  await using emulator = await AcsEmulator.listen();
  const url = `${emulator.url}/`;
  const signed = await signHeaders(url, {
    method: "POST",
    body: "{}",
    headers: {
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": "AmazonEC2ContainerServiceV20141113.ListClusters",
    },
  });
  for (const header of [{ origin: "http://page.example" }, { "sec-fetch-site": "same-origin" }]) {
    const status = await new Promise((resolve, reject) => {
      const sent = request(url, { method: "POST", headers: { ...signed, ...header } }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      });
      sent.on("error", reject).end("{}");
    });
    assert.equal(status, 403);
  }
});
