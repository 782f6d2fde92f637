import assert from "node:assert/strict";
import { AcsEmulator, type Fault } from "../../emulator/mod.ts";
import { test } from "../testing/test.ts";
import { ScriptedAgent } from "./scripted_agent.ts";
import { TelemetryAgent } from "./telemetry_agent.ts";

const TASKS = 200;
const BATCH = 10;

/** Faults in all three services, each injected in turn. */
const FAULTS: readonly Fault[] = [
  { at: "connection", action: "reset" },
  { at: "api", operation: "SubmitTaskStateChange", action: "refuse" },
  { at: "connection", action: "close", code: 1011 },
  { at: "api", operation: "SubmitTaskStateChange", action: "reset", after: "call" },
  { at: "connection", service: "tcs", action: "reset" },
  { at: "connection", action: "halfFrame", then: "reset" },
  { at: "api", operation: "SubmitTaskStateChange", action: "end" },
  { at: "upgrade", action: "refuse", status: 500 },
  { at: "connection", action: "end" },
  { at: "connection", action: "duplicate" },
];

/** Sends telemetry until the agent leaves, over a new connection after each fault. */
async function publish(
  emulator: AcsEmulator,
  { containerInstanceArn }: ScriptedAgent,
  left: AbortSignal,
): Promise<void> {
  while (!left.aborted) {
    const telemetry = await TelemetryAgent.connect(emulator, containerInstanceArn)
      .catch(() => undefined);
    if (telemetry === undefined) continue;
    await telemetry.send("PublishMetricsRequest", { metadata: { idle: true } });
    await Promise.race([
      telemetry.ended,
      new Promise((resolve) => left.addEventListener("abort", resolve)),
    ]);
    await telemetry.leave();
  }
}

test("200 tasks all end as their agents report, whatever happens to ACS, API and telemetry", async () => {
  await using emulator = await AcsEmulator.listen({ heartbeatIntervalMs: 0, seed: 1 });
  const problems: string[] = [];
  emulator.addEventListener("problem", ({ detail }) => void problems.push(detail.problem));
  const agents = [await ScriptedAgent.start(emulator), await ScriptedAgent.start(emulator)];
  const left = new AbortController();
  const publishing = agents.map((agent) => publish(emulator, agent, left.signal));
  emulator.callApi("RegisterTaskDefinition", {
    family: "job",
    taskRoleArn: "arn:aws:iam::111122223333:role/job",
    containerDefinitions: [
      { name: "main", image: "busybox", memory: 4, cpu: 1, command: ["exit", "0"] },
    ],
  });

  const taskArns: string[] = [];
  for (let batch = 0; taskArns.length < TASKS; batch++) {
    const fault = FAULTS[batch % FAULTS.length];
    if (fault !== undefined) emulator.injectFault(fault);
    const { tasks } = Object(
      emulator.callApi("RunTask", { taskDefinition: "job", count: BATCH, startedBy: `${batch}` }),
    );
    for (const { taskArn } of tasks) taskArns.push(taskArn);
    // While no agent is connected, nothing can be placed.
    if (tasks.length < BATCH) await emulator.waitFor("connected", { within: 10_000 });
    else await emulator.waitFor("taskStateChanged", { within: 10_000 });
  }
  const isLeft = () => emulator.tasks.some(({ lastStatus }) => lastStatus !== "STOPPED");
  while (isLeft()) await emulator.waitFor("taskStateChanged", { within: 10_000 });

  const outcomes = new Map<string, number>();
  for (let start = 0; start < taskArns.length; start += 100) {
    const tasks = taskArns.slice(start, start + 100);
    for (const task of Object(emulator.callApi("DescribeTasks", { tasks })).tasks) {
      const outcome = `${task.lastStatus} ${task.containers[0].exitCode} ${task.startedAt > 0}`;
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
  }
  assert.deepEqual(outcomes, new Map([["STOPPED 0 true", taskArns.length]]));
  assert.deepEqual(problems, []);
  const pending = emulator.pending.filter(({ type }) => type !== "TaskManifestMessage");
  assert.deepEqual(pending, []);
  emulator.clearFaults();
  left.abort();
  await Promise.all([...publishing, ...agents.map((agent) => agent.leave())]);
});
