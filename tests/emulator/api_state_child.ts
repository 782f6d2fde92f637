/**
 * An emulator with a state file whose ECS API runs and tags one task after the other, prints each
 * to standard output once the call has returned, and is meant to be killed.
 *
 * @module
 */

import process from "node:process";
import { AcsEmulator } from "../../emulator/mod.ts";
import { TestAgent } from "./test_agent.ts";

const emulator = await AcsEmulator.listen({
  stateFile: process.argv[2] ?? "",
  heartbeatIntervalMs: 0,
});
await TestAgent.connect(emulator);
for (let n = 1;; n++) {
  emulator.callApi("RegisterTaskDefinition", {
    family: `family-${n}`,
    containerDefinitions: [{ name: "main", image: "busybox", memory: 4 }],
  });
  const tags = [{ key: "n", value: String(n) }];
  const answer = Object(emulator.callApi("RunTask", { taskDefinition: `family-${n}`, tags }));
  const [task] = answer.tasks;
  emulator.callApi("SubmitTaskStateChange", { task: task.taskArn, status: "STOPPED" });
  process.stdout.write(`${n} ${task.taskArn}\n`);
  // Lets the line be written.
  await new Promise((resolve) => setTimeout(resolve));
}
