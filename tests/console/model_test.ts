import assert from "node:assert/strict";
import { MAX_ROWS, Model } from "../../emulator/console/page/model.js";
import { test } from "../testing/test.ts";

const ARN = "arn:aws:ecs:us-west-2:111122223333:container-instance/default/00c0ffee";

test("The page keeps the newest 10,000 rows, and drops the oldest in groups", () => {
  const model = new Model();
  let trims = 0;
  for (let number = 1; number <= MAX_ROWS + 1_200; number++) {
    model.add({
      number,
      at: number,
      event: "sent",
      type: "HeartbeatMessage",
      messageId: `m${number}`,
      containerInstanceArn: ARN,
    });
    if (model.trim() !== undefined) trims++;
  }

  assert.equal(trims, 2);
  assert.ok(model.rows.length >= MAX_ROWS && model.rows.length < MAX_ROWS + 500);
  assert.equal(model.rows.at(-1)?.entry.number, MAX_ROWS + 1_200);
});

test("An agent that reconnects is shown with the duration of the gap and the refusals in between", () => {
  const model = new Model();
  const on = { containerInstanceArn: ARN };
  model.add({ number: 1, at: 1_000, event: "connected", connectionId: 1, ...on });
  model.add({
    number: 2,
    at: 2_000,
    event: "disconnected",
    connectionId: 1,
    closeCode: 1006,
    ...on,
  });
  model.add({ number: 3, at: 2_100, event: "refused", request: "upgrade", reason: "no", ...on });
  const refusals = model.agents.get(ARN)?.refusals;
  const { note } = model.add({ number: 4, at: 2_500, event: "connected", connectionId: 2, ...on });

  assert.equal(refusals, 1);
  assert.equal(note, "back in 500 ms");
  assert.equal(model.agents.get(ARN)?.connectionId, 2);
  assert.equal(model.agents.get(ARN)?.refusals, 0);
  assert.equal(model.connections.get(1)?.closeCode, 1006);
});

test("The statuses of tasks are derived from payloads and reports", () => {
  const model = new Model();
  const tasks = [{ arn: "arn:task/a", family: "web", version: "7", desiredStatus: "RUNNING" }];
  model.add({
    number: 1,
    at: 1,
    event: "sent",
    type: "PayloadMessage",
    messageId: "m",
    containerInstanceArn: ARN,
    message: { tasks },
  });
  const before = model.tasks.get("arn:task/a")?.lastStatus;
  model.add({
    number: 2,
    at: 2,
    event: "taskStateChanged",
    taskArn: "arn:task/a",
    containerInstanceArn: ARN,
    lastStatus: "RUNNING",
    desiredStatus: "RUNNING",
  });

  assert.equal(before, "PENDING");
  assert.equal(model.tasks.get("arn:task/a")?.lastStatus, "RUNNING");
  assert.equal(model.families.get("arn:task/a"), "web:7");
});
