import assert from "node:assert/strict";
import { StoppedTasks } from "../../responders/stopped_tasks.ts";
import { test } from "../testing/test.ts";

test("The most recently stopped tasks are remembered, and the oldest are dropped", () => {
  const stopped = new StoppedTasks();
  const arns = Array.from({ length: 1_001 }, (_, number) => `task ${number}`);
  for (const arn of arns) stopped.add([arn]);
  assert.equal(stopped.has("task 0"), false);
  assert.equal(stopped.has("task 1"), true);
  assert.equal(stopped.has("task 1000"), true);
  stopped.add(["task 1", "another task"]);
  assert.equal(stopped.has("task 1"), true);
  assert.equal(stopped.has("task 2"), false);
});
