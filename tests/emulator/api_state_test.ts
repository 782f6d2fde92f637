import assert from "node:assert/strict";
import { copyFile, readFile } from "node:fs/promises";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { AcsEmulator, SAMPLE_CONTAINER_INSTANCE_ARN, StateFileError } from "../../emulator/mod.ts";
import { startProgram } from "../testing/programs/acs_command.ts";
import { test } from "../testing/test.ts";
import { callEcs, ScriptedAgent } from "./scripted_agent.ts";
import { withStateFile } from "./temporary_state.ts";
import { TestAgent } from "./test_agent.ts";

const CHILD = fileURLToPath(new URL("./api_state_child.ts", import.meta.url));

/** Written by the last emulator of layout 1: the test lists what it contains. */
const LAYOUT_1 = fileURLToPath(new URL("./layouts/layout_1.db", import.meta.url));

function listen(stateFile: string): Promise<AcsEmulator> {
  return AcsEmulator.listen({ heartbeatIntervalMs: 0, stateFile });
}

function layoutOf(path: string): unknown {
  const database = new DatabaseSync(path);
  try {
    return database.prepare("PRAGMA user_version").get()?.user_version;
  } finally {
    database.close();
  }
}

test("A state file of layout 1 is opened with all its contents, and then has layout 2", async () => {
  await withStateFile(async (path) => {
    await copyFile(LAYOUT_1, path);
    assert.equal(layoutOf(path), 1);
    for (const attempt of ["carried over", "opened again"]) {
      const emulator = await listen(path);
      const statuses = emulator.tasks.map(({ desiredStatus, lastStatus }) =>
        `${desiredStatus} ${lastStatus}`
      );
      assert.deepEqual(statuses, ["RUNNING PENDING", "STOPPED STOPPED"], attempt);
      assert.deepEqual(emulator.containerInstances, [
        { containerInstanceArn: SAMPLE_CONTAINER_INSTANCE_ARN, status: "ACTIVE" },
        { containerInstanceArn: `${SAMPLE_CONTAINER_INSTANCE_ARN}-old`, status: "INACTIVE" },
      ]);
      assert.deepEqual(emulator.pending.map(({ type }) => type), ["PayloadMessage"]);
      const [running] = emulator.tasks;
      const described = Object(
        emulator.callApi("DescribeTasks", { tasks: [running?.taskArn ?? ""] }),
      );
      assert.equal(described.tasks[0].containers[0].name, "web");
      await emulator.close();
    }
    assert.equal(layoutOf(path), 2);
  });
});

test("A state file of a newer layout is refused and not modified; the error names both layouts", async () => {
  await withStateFile(async (path) => {
    await (await listen(path)).close();
    const database = new DatabaseSync(path);
    database.exec("PRAGMA user_version = 3");
    database.close();
    const before = await readFile(path);

    await assert.rejects(listen(path), (error) => {
      assert.ok(error instanceof StateFileError);
      assert.match(error.message, /version 3, .* up to 2/);
      return true;
    });
    assert.deepEqual(await readFile(path), before);
  });
});

test("Tasks, their histories, services, definitions and tags are still there after a restart", async () => {
  await withStateFile(async (path) => {
    const before = await listen(path);
    const agent = await ScriptedAgent.start(before, { tags: [{ key: "a", value: "b" }] });
    before.callApi("CreateCluster", { clusterName: "other" });
    before.callApi("RegisterTaskDefinition", {
      family: "web",
      containerDefinitions: [{ name: "main", image: "busybox", memory: 4, command: ["sleep"] }],
    });
    const isRunning = before.waitFor("taskStateChanged", {
      where: ({ lastStatus }) => lastStatus === "RUNNING",
    });
    before.callApi("CreateService", {
      serviceName: "web",
      taskDefinition: "web",
      desiredCount: 1,
    });
    const { taskArn } = await isRunning;
    const describe = (emulator: AcsEmulator) => [
      emulator.callApi("DescribeServices", { services: ["web"], include: ["TAGS"] }),
      emulator.callApi("ListClusters"),
      emulator.callApi("DescribeTaskDefinition", { taskDefinition: "web" }),
      emulator.callApi("ListTagsForResource", { resourceArn: agent.containerInstanceArn }),
    ];
    const expected = JSON.stringify(describe(before));
    await agent.leave();
    await before.close();

    await using after = await listen(path);
    assert.equal(JSON.stringify(describe(after)), expected);
    const [task] = Object(after.callApi("DescribeTasks", { tasks: [taskArn] })).tasks;
    assert.deepEqual([task.lastStatus, task.group], ["RUNNING", "service:web"]);

    // The agent reconnects with its saved data, and stops what it is asked to stop.
    const again = await ScriptedAgent.start(after, {
      containerInstanceArn: agent.containerInstanceArn,
    });
    assert.equal(again.containerInstanceArn, agent.containerInstanceArn);
    const isStopped = after.waitFor("taskStateChanged", {
      where: (change) => change.taskArn === taskArn && change.lastStatus === "STOPPED",
    });
    after.callApi("DeleteService", { service: "web", force: true });
    await isStopped;
    await again.leave();
  });
});

test("A task that is stopped while its agent is disconnected is stopped when the agent reconnects", async () => {
  await using emulator = await AcsEmulator.listen({ heartbeatIntervalMs: 0 });
  const agent = await ScriptedAgent.start(emulator);
  const { taskArn } = emulator.runTask({ task: { containers: [{ name: "main" }] } });
  await emulator.waitFor("taskStateChanged", {
    where: ({ lastStatus }) => lastStatus === "RUNNING",
  });
  const left = emulator.waitFor("disconnected");
  await agent.leave();
  await left;

  emulator.stopTask(taskArn);
  assert.deepEqual(
    emulator.tasks.map(({ desiredStatus, lastStatus }) => [desiredStatus, lastStatus]),
    [["STOPPED", "RUNNING"]],
  );
  const isStopped = emulator.waitFor("taskStateChanged", {
    where: ({ lastStatus }) => lastStatus === "STOPPED",
  });
  const again = await ScriptedAgent.start(emulator, {
    containerInstanceArn: agent.containerInstanceArn,
  });
  const { stopCode, containers } = await isStopped;
  assert.deepEqual([stopCode, containers[0]?.exitCode], ["UserInitiated", 143]);
  await again.leave();
});

test("A task that an agent reports as stopped without acknowledging it is not resent", async () => {
  await using emulator = await AcsEmulator.listen({ heartbeatIntervalMs: 0 });
  const agent = await TestAgent.connect(emulator);
  const { taskArn, acked } = emulator.runTask();
  emulator.rotateCredentials(taskArn);
  await agent.waitForFrames(2);
  assert.equal(emulator.pendingCount, 2);

  const { status } = await callEcs(emulator, "SubmitTaskStateChange", {
    task: taskArn,
    status: "STOPPED",
    reason: "UnrecognizedTaskError: a volume without a type",
  });

  assert.equal(status, 200);
  assert.equal(emulator.pendingCount, 0);
  await assert.rejects(acked, { name: "TaskStoppedError", taskArn });
  await agent.leave();
  const again = await TestAgent.connect(emulator, { query: { sendCredentials: "true" } });
  const [manifest, ...rest] = await again.waitForFrames(1);
  assert.deepEqual([manifest?.message.tasks, rest], [[], []]);
  await again.leave();
});

test("Stopped tasks can be described for an hour", async () => {
  let now = Date.now();
  await using emulator = await AcsEmulator.listen({ heartbeatIntervalMs: 0, now: () => now });
  const { taskArn } = emulator.runTask();
  emulator.callApi("SubmitTaskStateChange", { task: taskArn, status: "STOPPED" });
  const count = () => Object(emulator.callApi("DescribeTasks", { tasks: [taskArn] })).tasks.length;

  now += 3_599_000;
  assert.equal(count(), 1);
  now += 2_000;
  assert.equal(count(), 0);
  assert.deepEqual(emulator.tasks, []);
});

test("An emulator that is killed while it serves the ECS API has everything that it answered", async () => {
  await withStateFile(async (path) => {
    const child = startProgram(CHILD, [path]);
    await child.output(/(?:\S+ \S+\n){20}/);
    child.signal("SIGKILL");
    const { stdout } = await child.ended;
    const answered = stdout.split("\n").slice(0, -1).map((line) => line.split(" "));

    await using emulator = await listen(path);

    assert.ok(answered.length >= 20);
    for (const [n = "", taskArn = ""] of answered) {
      const [task] = Object(
        emulator.callApi("DescribeTasks", { tasks: [taskArn], include: ["TAGS"] }),
      ).tasks;
      assert.equal(task.lastStatus, "STOPPED");
      assert.deepEqual(task.tags, [{ key: "n", value: n }]);
      assert.match(task.taskDefinitionArn, new RegExp(`/family-${n}:1$`));
    }
    assert.equal(
      emulator.pending.filter(({ type }) => type === "PayloadMessage").length <= 1,
      true,
    );
  });
});

test("At most 10,000 stopped tasks are kept, and the oldest are dropped first", async () => {
  let now = Date.now();
  await using emulator = await AcsEmulator.listen({
    heartbeatIntervalMs: 0,
    historyLimit: 1,
    now: () => now,
  });
  const containers = [{ name: "main" }];
  const first = emulator.runTask({ task: { containers } }).taskArn;
  const second = emulator.runTask({ task: { containers } }).taskArn;
  const stop = (task: string) => {
    now++;
    emulator.callApi("SubmitTaskStateChange", { task, status: "STOPPED" });
  };
  stop(first);
  stop(second);
  for (let n = 2; n <= 10_000; n++) stop(emulator.runTask({ task: { containers } }).taskArn);

  const describe = (task: string) =>
    Object(emulator.callApi("DescribeTasks", { tasks: [task] })).tasks.length;
  assert.equal(describe(first), 0);
  assert.equal(describe(second), 1);
  assert.equal(emulator.tasks.length, 10_000);
});
