// deno test
import { AcsEmulator, EXAMPLE_CREDENTIALS } from "@acs/session/emulator";
import { TaskAgent } from "./task_agent.ts";

const OPTIONS = {
  region: "us-west-2",
  containerInstanceArn: "arn:aws:ecs:us-west-2:111122223333:container-instance/default/0123",
  credentials: EXAMPLE_CREDENTIALS,
};

Deno.test("The agent starts and stops a task", async () => {
  await using emulator = await AcsEmulator.listen();
  const agent = new TaskAgent({ ...OPTIONS, endpoint: emulator.url });
  try {
    const { messageId, taskArn } = emulator.runTask();
    await emulator.expectAck(messageId, { within: 5_000 });
    if (!agent.running.has(taskArn)) throw new Error("the task does not run");

    const stopped = emulator.stopTask(taskArn);
    await emulator.expectAck(stopped.messageId, { within: 5_000 });
    if (agent.running.size > 0) throw new Error("the task still runs");
  } finally {
    await agent.stop();
  }
});

Deno.test("A task that the agent could not acknowledge is resent", async () => {
  await using emulator = await AcsEmulator.listen();
  const agent = new TaskAgent({ ...OPTIONS, endpoint: emulator.url });
  try {
    await emulator.waitFor("connected", { within: 5_000 });
    emulator.injectFault({ at: "connection", action: "stall" });
    const { messageId } = emulator.runTask();
    emulator.endConnections();
    await emulator.expectAck(messageId, { within: 5_000 });
  } finally {
    await agent.stop();
  }
});
