import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  CreateServiceCommand,
  DescribeContainerInstancesCommand,
  DescribeTasksCommand,
  ECSClient,
  ListTasksCommand,
  RegisterTaskDefinitionCommand,
  RunTaskCommand,
  StopTaskCommand,
  type Task,
  waitUntilServicesStable,
  waitUntilTasksRunning,
  waitUntilTasksStopped,
} from "@aws-sdk/client-ecs";
import { AcsEmulator, EXAMPLE_CREDENTIALS } from "../../emulator/mod.ts";
import { type AcsProcess, startProgram } from "../testing/programs/acs_command.ts";
import { test } from "../testing/test.ts";

const AGENT = fileURLToPath(new URL("../../examples/process_agent/main.ts", import.meta.url));

interface Stage {
  readonly emulator: AcsEmulator;
  readonly client: ECSClient;
  readonly directory: string;
  /** Starts an agent, and waits until it is connected. */
  start(): Promise<AcsProcess>;
}

async function withStage(play: (stage: Stage) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "acs-process-agent-"));
  const agents: AcsProcess[] = [];
  await using emulator = await AcsEmulator.listen({ heartbeatIntervalMs: 0 });
  const client = new ECSClient({
    endpoint: emulator.url,
    region: "us-west-2",
    credentials: EXAMPLE_CREDENTIALS,
  });
  const start = async () => {
    const agent = startProgram(AGENT, [directory], {
      AWS_ENDPOINT_URL_ECS: emulator.url,
      AWS_REGION: "us-west-2",
      AWS_ACCESS_KEY_ID: EXAMPLE_CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: EXAMPLE_CREDENTIALS.secretAccessKey,
    });
    agents.push(agent);
    await agent.output(/^connected$/m);
    return agent;
  };
  try {
    await play({ emulator, client, directory, start });
  } finally {
    for (const agent of agents) agent.signal("SIGKILL");
    await Promise.all(agents.map(({ ended }) => ended));
    client.destroy();
    await rm(directory, { recursive: true });
  }
}

function waiterOf(client: ECSClient) {
  return { client, maxWaitTime: 60, minDelay: 0.05, maxDelay: 0.05 };
}

async function define(client: ECSClient, family: string, script: string): Promise<void> {
  const main = { name: "main", image: "none", memory: 16, command: ["sh", "-c", script] };
  await client.send(
    new RegisterTaskDefinitionCommand({
      family,
      containerDefinitions: [{ ...main, environment: [{ name: "GREETING", value: "hello" }] }],
    }),
  );
}

async function run(client: ECSClient, taskDefinition: string): Promise<string> {
  const { tasks, failures } = await client.send(new RunTaskCommand({ taskDefinition }));
  assert.deepEqual(failures, []);
  return tasks?.[0]?.taskArn ?? "";
}

async function describe(client: ECSClient, taskArn: string): Promise<Task | undefined> {
  return (await client.send(new DescribeTasksCommand({ tasks: [taskArn] }))).tasks?.[0];
}

test("The example agent runs a task's command, and reports its exit code", async () => {
  await withStage(async ({ client, directory, start }) => {
    await start();
    await define(client, "job", "echo $GREETING; exit 3");
    const taskArn = await run(client, "job");

    await waitUntilTasksStopped(waiterOf(client), { tasks: [taskArn] });

    const task = await describe(client, taskArn);
    assert.equal(task?.stopCode, "EssentialContainerExited");
    assert.equal(task.containers?.[0]?.exitCode, 3);
    const id = taskArn.slice(taskArn.lastIndexOf("/") + 1);
    assert.equal(await readFile(join(directory, "tasks", id, "main.log"), "utf8"), "hello\n");
  });
});

test("The example agent continues its tasks after it was killed, and stops one on request", async () => {
  await withStage(async ({ emulator, client, start }) => {
    const agent = await start();
    await define(client, "long", "exec sleep 600");
    const [kept, stopped] = [await run(client, "long"), await run(client, "long")];
    await waitUntilTasksRunning(waiterOf(client), { tasks: [kept, stopped] });
    const gone = emulator.waitFor("disconnected");
    agent.signal("SIGKILL");
    await gone;
    await client.send(new StopTaskCommand({ task: stopped }));
    assert.equal((await describe(client, stopped))?.lastStatus, "RUNNING");

    await start();

    await waitUntilTasksStopped(waiterOf(client), { tasks: [stopped] });
    assert.equal((await describe(client, stopped))?.containers?.[0]?.exitCode, 143);
    assert.equal((await describe(client, kept))?.lastStatus, "RUNNING");
    assert.equal(emulator.containerInstances.length, 1);
    await client.send(new StopTaskCommand({ task: kept }));
    await waitUntilTasksStopped(waiterOf(client), { tasks: [kept] });
    assert.equal(emulator.pendingCount, 0);
  });
});

test("The example agent drains on SIGTERM: its tasks stop, and it exits with 0", async () => {
  await withStage(async ({ client, start }) => {
    const agent = await start();
    await define(client, "web", "exec sleep 600");
    await client.send(
      new CreateServiceCommand({ serviceName: "web", taskDefinition: "web", desiredCount: 1 }),
    );
    await waitUntilServicesStable(waiterOf(client), { services: ["web"] });
    const { taskArns = [] } = await client.send(new ListTasksCommand({ serviceName: "web" }));
    const instance = (await describe(client, taskArns[0] ?? ""))?.containerInstanceArn ?? "";

    agent.signal("SIGTERM");

    const { code, stdout } = await agent.ended;
    assert.equal(code, 0, stdout);
    assert.match(stdout, /draining[^]*drained/);
    const { containerInstances } = await client.send(
      new DescribeContainerInstancesCommand({ containerInstances: [instance] }),
    );
    assert.equal(containerInstances?.[0]?.status, "DRAINING");
    const task = await describe(client, taskArns[0] ?? "");
    assert.deepEqual([task?.lastStatus, task?.containers?.[0]?.exitCode], ["STOPPED", 143]);
  });
});
