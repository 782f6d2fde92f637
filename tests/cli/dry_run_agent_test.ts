import assert from "node:assert/strict";
import { DryRunAgent } from "../../cli/dry_run_agent.ts";
import { test } from "../testing/test.ts";

const taskOf = (arn: string) => ({ arn, desiredStatus: "RUNNING" });

test("acs run refuses a task with an overlong ARN, and accepts the others in its payload", async () => {
  const agent = new DryRunAgent(() => {});
  let acknowledged = 0;
  const ack = () => {
    acknowledged += 1;
    return Promise.resolve();
  };
  const long = `arn:aws:ecs:us-west-2:123456789012:task/${"x".repeat(2_048)}`;
  const payload = { tasks: [taskOf(long), taskOf("arn:aws:ecs:us-west-2:123456789012:task/a")] };
  await assert.rejects(
    agent.processMessage(payload, ack),
    /did not accept all tasks: a task's ARN has more than 2048 characters$/,
  );
  assert.equal(acknowledged, 0);
  assert.deepEqual(agent.taskArns, ["arn:aws:ecs:us-west-2:123456789012:task/a"]);
});
