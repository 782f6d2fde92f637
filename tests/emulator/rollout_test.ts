import assert from "node:assert/strict";
import { nextStep } from "../../emulator/api/rollout.ts";
import { restartDelay } from "../../emulator/api/service_scheduler.ts";
import type { Deployment, ServiceRecord } from "../../emulator/ecs/services.ts";
import { newTask, type TaskRecord } from "../../emulator/ecs/task_record.ts";
import { test } from "../testing/test.ts";

function deployment(id: string, status: Deployment["status"] = "PRIMARY"): Deployment {
  return {
    id,
    status,
    taskDefinitionArn: "arn:web:1",
    createdAt: 0,
    updatedAt: 0,
    failedTasks: 0,
    rolloutState: "IN_PROGRESS",
  };
}

function service(desiredCount: number, more: Partial<ServiceRecord> = {}): ServiceRecord {
  return {
    serviceArn: "arn:service/web",
    serviceName: "web",
    cluster: "default",
    status: "ACTIVE",
    desiredCount,
    launchType: "EC2",
    createdAt: 0,
    deployments: [deployment("new")],
    events: [],
    minimumHealthyPercent: 100,
    maximumPercent: 200,
    order: "spread",
    isDistinct: false,
    enableExecuteCommand: false,
    propagateTags: "NONE",
    ...more,
  };
}

/** Tasks of a deployment, in the order in which they were started. */
function tasks(count: number, startedBy: string, lastStatus: TaskRecord["lastStatus"]) {
  return Array.from({ length: count }, (_, now): TaskRecord => ({
    ...newTask({
      task: { arn: `${startedBy} ${lastStatus} ${now}` },
      containerInstanceArn: "arn:instance",
      now,
      request: { taskDefinitionArn: "arn:web:1", startedBy },
    }),
    lastStatus,
  }));
}

/** The step, with the ARNs of the tasks to stop. */
function step(
  of: ServiceRecord,
  live: readonly TaskRecord[],
  status: "ACTIVE" | "DRAINING" | "INACTIVE" = "ACTIVE",
) {
  const { start, stop, isSteady } = nextStep(of, live, () => status);
  return { start, stop: stop.map(({ taskArn }) => taskArn), isSteady };
}

test("A service starts its missing tasks, and is steady once they run", () => {
  assert.deepEqual(step(service(2), []), { start: 2, stop: [], isSteady: false });
  const pending = step(service(2), tasks(2, "new", "PENDING"));
  assert.deepEqual(pending, { start: 0, stop: [], isSteady: false });
  const running = step(service(2), tasks(2, "new", "RUNNING"));
  assert.deepEqual(running, { start: 0, stop: [], isSteady: true });
});

test("A service that is scaled down first stops tasks that are not running yet, then the newest", () => {
  const live = [...tasks(2, "new", "RUNNING"), ...tasks(1, "new", "PENDING")];
  assert.deepEqual(step(service(1), live).stop, ["new PENDING 0", "new RUNNING 1"]);
  assert.deepEqual(step(service(0), live).stop.length, 3);
});

test("A new deployment starts its tasks first, and stops old ones as the new ones run", () => {
  const rollout = service(2, { deployments: [deployment("new"), deployment("old", "ACTIVE")] });
  const old = tasks(2, "old", "RUNNING");
  assert.deepEqual(step(rollout, old), { start: 2, stop: [], isSteady: false });
  const half = [...old, ...tasks(1, "new", "RUNNING"), ...tasks(1, "new", "PENDING")];
  assert.deepEqual(step(rollout, half), { start: 0, stop: ["old RUNNING 0"], isSteady: false });
  const rest = [...old.slice(1), ...tasks(2, "new", "RUNNING")];
  assert.deepEqual(step(rollout, rest).stop, ["old RUNNING 1"]);
});

test("A deployment that may not exceed the desired count stops old tasks first", () => {
  const rollout = service(2, {
    deployments: [deployment("new"), deployment("old", "ACTIVE")],
    minimumHealthyPercent: 50,
    maximumPercent: 100,
  });
  const old = tasks(2, "old", "RUNNING");
  assert.deepEqual(step(rollout, old), { start: 0, stop: ["old RUNNING 0"], isSteady: false });
  assert.equal(step(rollout, old.slice(1)).start, 1);
});

test("Tasks on a draining instance are replaced; those on a deregistered one do not count", () => {
  const running = tasks(1, "new", "RUNNING");
  assert.deepEqual(step(service(1), running, "DRAINING"), { start: 1, stop: [], isSteady: false });
  assert.equal(step(service(1), running, "INACTIVE").start, 1);
});

test("A task with a failing health check is replaced, and stopped once its replacement runs", () => {
  const [healthy, failing] = tasks(2, "new", "RUNNING").map((task, index): TaskRecord => ({
    ...task,
    task: { ...task.task, containers: [{ name: "main" }] },
    containers: [{
      name: "main",
      containerArn: "arn:container",
      lastStatus: "RUNNING",
      healthStatus: index === 0 ? "HEALTHY" : "UNHEALTHY",
    }],
  }));
  assert.ok(healthy && failing);
  const live = [healthy, failing];
  assert.deepEqual(step(service(2), live), { start: 1, stop: [], isSteady: false });
  assert.deepEqual(step(service(2), [...live, ...tasks(1, "new", "RUNNING")]), {
    start: 0,
    stop: [failing.taskArn],
    isSteady: false,
  });
});

test("A deleted service stops all its tasks", () => {
  const deleted = service(2, { status: "DRAINING" });
  assert.equal(step(deleted, tasks(2, "new", "RUNNING")).stop.length, 2);
});

test("A service whose tasks keep stopping waits longer each time, up to a minute", () => {
  const delays = [1, 2, 3, 4, 5, 6, 7, 8, 9, 50].map(restartDelay);
  assert.deepEqual(
    delays,
    [0, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000],
  );
});
