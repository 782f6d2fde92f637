// vitest run
import { AcsEmulator, EXAMPLE_CREDENTIALS } from "@acs/session/emulator";
import { afterEach, beforeEach, expect, test } from "vitest";
import { TaskAgent } from "../task_agent.ts";

let emulator: AcsEmulator;
let agent: TaskAgent;

beforeEach(async () => {
  emulator = await AcsEmulator.listen();
  agent = new TaskAgent({
    region: "us-west-2",
    endpoint: emulator.url,
    containerInstanceArn: "arn:aws:ecs:us-west-2:111122223333:container-instance/default/0123",
    credentials: EXAMPLE_CREDENTIALS,
  });
});

afterEach(async () => {
  await agent.stop();
  await emulator.close();
});

test("The agent starts and stops a task", async () => {
  const { messageId, taskArn } = emulator.runTask();
  await emulator.expectAck(messageId, { within: 5_000 });
  expect(agent.running).toContain(taskArn);

  const stopped = emulator.stopTask(taskArn);
  await emulator.expectAck(stopped.messageId, { within: 5_000 });
  expect(agent.running.size).toBe(0);
});
