import assert from "node:assert/strict";
import { asCurl, asStep, resendInput } from "../../emulator/console/page/commands.js";
import { Model } from "../../emulator/console/page/model.js";
import { Recorder, stepText } from "../../emulator/console/page/recorder.js";
import { checkScenario } from "../../emulator/scenario/check_scenario.ts";
import { test } from "../testing/test.ts";

const ARN = "arn:aws:ecs:us-west-2:111122223333:container-instance/default/00c0ffee";

function rowOf(entry: object) {
  return new Model().add({ number: 1, at: 1, event: "sent", ...entry });
}

test("A call becomes a shell command, even if it contains quotes", () => {
  assert.equal(
    asCurl("http://127.0.0.1:4570", "send-raw", { text: "it's" }, {
      isQuery: false,
      hasToken: true,
    }),
    `curl -H "Authorization: Bearer $ACS_CONTROL_TOKEN" -d '{"text":"it'\\''s"}' http://127.0.0.1:4570/emulator/send-raw`,
  );
  const query = (input: Record<string, unknown>) =>
    asCurl("http://127.0.0.1:4570", "tasks", input, { isQuery: true, hasToken: false });
  assert.equal(query({}), "curl http://127.0.0.1:4570/emulator/tasks");
  assert.equal(
    query({ limit: 3, cluster: "it's" }),
    "curl 'http://127.0.0.1:4570/emulator/tasks?limit=3&cluster=it%27s'",
  );
});

test("Texts of a message that begin with $ are not references in a step", () => {
  const task = { family: "$web", containers: [{ name: "a$", command: ["$0"] }] };
  const step = asStep(
    rowOf({ type: "PayloadMessage", message: { messageId: "m", tasks: [task] } }),
  );

  checkScenario({ name: "test", steps: [step] });
  assert.deepEqual(step.with, {
    type: "PayloadMessage",
    message: { tasks: [{ family: "$$web", containers: [{ name: "a$", command: ["$$0"] }] }] },
    plain: true,
  });
});

test("A message is resent without its id and without redacted values", () => {
  const input = resendInput(rowOf({
    type: "PayloadMessage",
    containerInstanceArn: ARN,
    messageId: "m",
    message: {
      messageId: "m",
      seqNum: 3,
      tasks: [{
        arn: "arn:task/a",
        roleCredentials: { secretAccessKey: "[redacted]" },
        containers: [{ name: "app", command: "[redacted]", environment: { KEY: "[redacted]" } }],
      }],
    },
  }));

  assert.deepEqual(input, {
    type: "PayloadMessage",
    containerInstanceArn: ARN,
    message: {
      tasks: [{
        arn: "arn:task/a",
        roleCredentials: { secretAccessKey: "[redacted]" },
        containers: [{ name: "app", environment: { KEY: "[redacted]" } }],
      }],
    },
    plain: true,
  });
});

for (
  const [what, entry] of [
    ["A sent message", { type: "HeartbeatMessage", message: { healthy: true, messageId: "m" } }],
    ["A raw frame", { bytes: 3 }],
    ["A received message", { event: "received", type: "AckRequest", messageId: "m" }],
    ["A refused request", { event: "refused", request: "upgrade", status: 403 }],
    ["A call to the ECS API", { event: "apiCall", request: "RunTask" }],
    ["A task's new status", { event: "taskStateChanged", lastStatus: "RUNNING" }],
    ["A fault", { event: "fault", fault: "reset" }],
    ["A problem", { event: "problem", reason: "no" }],
    ["A connection", { event: "connected", connectionId: 1 }],
  ] as const
) {
  test(`${what} becomes a step that can be played`, () => {
    const step = asStep(rowOf({ containerInstanceArn: ARN, ...entry }));

    assert.doesNotThrow(() => checkScenario({ steps: [step] }));
    assert.notEqual(stepText(step), "");
  });
}

test("Recorded steps refer to earlier results, and dollar signs in values are kept", () => {
  const recorder = new Recorder();
  recorder.called("run-task", {}, { messageId: "before", taskArn: "before" });
  recorder.start();

  recorder.called("run-task", { task: { family: "$web" } }, { messageId: "m1", taskArn: "a1" });
  recorder.called("run-task", {}, { messageId: "m2", taskArn: "a2" });
  recorder.called("stop-task", { taskArn: "a1" }, { messageId: "m3" });
  const fault = { at: "connection", action: "delay", ms: 1 };
  recorder.called("inject-fault", { fault }, { id: "fault-1" });
  recorder.called("clear-faults", { id: "fault-1" }, {});
  recorder.called("clear-faults", { id: "fault-of-before" }, {});
  recorder.stop();
  recorder.called("clear-faults", {}, {});

  const scenario = recorder.scenario("test");
  assert.doesNotThrow(() => checkScenario(scenario));
  assert.deepEqual(scenario.steps, [
    { do: "run-task", with: { task: { family: "$$web" } }, as: "task" },
    { do: "run-task", as: "task2" },
    { do: "stop-task", with: { taskArn: "$task.taskArn" }, as: "stop" },
    { do: "inject-fault", with: { fault }, as: "fault" },
    { do: "clear-faults", with: { id: "$fault.id" } },
  ]);
});

test("The input of a step is truncated in its line, but not in the scenario", () => {
  const step = { do: "send-raw", with: { text: "x".repeat(5_000) }, as: "raw" };

  assert.match(stepText(step), /^do send-raw \{"text":"x{300,400}… as raw$/);
});

test("After a step is removed, new steps do not refer to it", () => {
  const recorder = new Recorder();
  recorder.start();
  recorder.called("run-task", {}, { messageId: "m1", taskArn: "a1" });
  recorder.remove(0);
  recorder.called("stop-task", { taskArn: "a1" }, {});

  assert.deepEqual(recorder.steps, [{ do: "stop-task", with: { taskArn: "a1" } }]);
});
