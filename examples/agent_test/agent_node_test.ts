// node --test
import assert from "node:assert/strict";
import { test } from "node:test";
import { AcsEmulator, EXAMPLE_CREDENTIALS } from "@acs/session/emulator";
import { TaskAgent } from "./task_agent.ts";

test("The agent starts and stops a task", async () => {
  const emulator = await AcsEmulator.listen();
  const agent = new TaskAgent({
    region: "us-west-2",
    endpoint: emulator.url,
    containerInstanceArn: "arn:aws:ecs:us-west-2:111122223333:container-instance/default/0123",
    credentials: EXAMPLE_CREDENTIALS,
  });
  try {
    const { messageId, taskArn } = emulator.runTask();
    await emulator.expectAck(messageId, { within: 5_000 });
    assert.ok(agent.running.has(taskArn));

    const stopped = emulator.stopTask(taskArn);
    await emulator.expectAck(stopped.messageId, { within: 5_000 });
    assert.equal(agent.running.size, 0);
  } finally {
    await agent.stop();
    await emulator.close();
  }
});
