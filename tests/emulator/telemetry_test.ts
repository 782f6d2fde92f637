import assert from "node:assert/strict";
import {
  AcsEmulator,
  type EmulatorOptions,
  SAMPLE_CONTAINER_INSTANCE_ARN,
} from "../../emulator/mod.ts";
import { test } from "../testing/test.ts";
import { call } from "./control_client.ts";
import { ScriptedAgent } from "./scripted_agent.ts";
import { TelemetryAgent } from "./telemetry_agent.ts";

const METADATA = {
  cluster: "default",
  containerInstance: SAMPLE_CONTAINER_INSTANCE_ARN,
  messageId: "0c7a2b0d-588f-4aa7-815d-f004c53d4a9d",
  fin: true,
};

const STATISTICS = { min: 0.25, max: 0.5, sampleCount: 13, sum: 4.5 };

/**
 * The telemetry that an unmodified agent sends first, and the telemetry that it sends with a task.
 */
const METRICS = {
  metadata: { ...METADATA, idle: false },
  taskMetrics: [{
    taskArn: "arn:aws:ecs:us-west-2:111122223333:task/default/0f0f",
    taskDefinitionFamily: "web",
    taskDefinitionVersion: "1",
    containerMetrics: [{
      containerName: "main",
      cpuStatsSet: STATISTICS,
      memoryStatsSet: { min: 7, max: 7, sampleCount: 14, sum: 98 },
      networkStatsSet: { rxBytesPerSecond: STATISTICS },
    }],
  }],
  timestamp: 1795818463.015,
};

async function withTelemetry(
  options: EmulatorOptions,
  play: (emulator: AcsEmulator, agent: TelemetryAgent) => Promise<void>,
): Promise<void> {
  await using emulator = await AcsEmulator.listen({ heartbeatIntervalMs: 0, ...options });
  const agent = await TelemetryAgent.connect(emulator, SAMPLE_CONTAINER_INSTANCE_ARN);
  try {
    await play(emulator, agent);
  } finally {
    await agent.leave();
  }
}

test("Metrics, health and status are acknowledged, and counted but not in the transcript", async () => {
  await withTelemetry({}, async (emulator, agent) => {
    await agent.send("PublishMetricsRequest", METRICS);
    await agent.send("PublishHealthRequest", { metadata: METADATA, tasks: [] });
    await agent.send("PublishInstanceStatusRequest", { metadata: METADATA, statuses: [] });

    const answers = await agent.waitForAnswers(3);

    assert.deepEqual(answers.map(({ type }) => type), [
      "AckPublishMetric",
      "AckPublishHealth",
      "AckPublishInstanceStatus",
    ]);
    assert.deepEqual(emulator.telemetryCounts, {
      PublishMetricsRequest: 1,
      PublishHealthRequest: 1,
      PublishInstanceStatusRequest: 1,
    });
    const { body } = await call(emulator, "/emulator/state");
    assert.deepEqual(body.telemetry, { connections: 1, frames: emulator.telemetryCounts });
    assert.deepEqual(emulator.transcript, []);
  });
});

test("Telemetry is in the transcript if the option is set", async () => {
  await withTelemetry({ recordTelemetry: true }, async (emulator, agent) => {
    await agent.send("PublishMetricsRequest", METRICS);
    await agent.waitForAnswers(1);
    assert.deepEqual(emulator.transcript.map(({ event, type }) => [event, type]), [
      ["telemetry", "PublishMetricsRequest"],
    ]);
  });
});

test("A frame with another key's signature, or without one, is refused and is a problem", async () => {
  await withTelemetry({}, async (emulator, agent) => {
    const other = { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "another" };
    await agent.send("PublishMetricsRequest", METRICS, other);
    agent.sendRaw(JSON.stringify({ type: "PublishMetricsRequest", message: METRICS }));
    await agent.send("PublishMetricsRequest", { metadata: "none" });
    await agent.send("StartTelemetrySessionRequest", {});

    const answers = await agent.waitForAnswers(4);

    assert.deepEqual(answers.map(({ type }) => type), Array(4).fill("BadRequestException"));
    const reasons = emulator.transcript.map(({ reason = "" }) => reason);
    assert.match(reasons[0] ?? "", /InvalidSignatureException/);
    assert.match(reasons[1] ?? "", /no signed head/);
    assert.match(reasons[2] ?? "", /PublishMetricsRequest: a field has the wrong type/);
    assert.match(reasons[3] ?? "", /the type is not one of PublishMetricsRequest/);
    assert.equal(emulator.telemetryCounts.PublishMetricsRequest, 0);
  });
});

test("Heartbeats are sent over telemetry connections", async () => {
  await withTelemetry({ heartbeatIntervalMs: 20 }, async (_emulator, agent) => {
    assert.deepEqual(await agent.waitForAny(), {
      type: "HeartbeatMessage",
      message: { healthy: true },
    });
  });
});

test("The health of tasks and instances is what their agents report", async () => {
  await using emulator = await AcsEmulator.listen({ heartbeatIntervalMs: 0 });
  const agent = await ScriptedAgent.start(emulator);
  const telemetry = await TelemetryAgent.connect(emulator, agent.containerInstanceArn);
  const { taskArn } = emulator.runTask();
  const isHealthy = emulator.waitFor("taskStateChanged", {
    where: ({ healthStatus }) => healthStatus === "HEALTHY",
  });
  await telemetry.send("PublishHealthRequest", {
    metadata: METADATA,
    tasks: [{ taskArn, containers: [{ containerName: "main", healthStatus: "HEALTHY" }] }],
  });
  await isHealthy;
  await telemetry.send("PublishInstanceStatusRequest", {
    metadata: METADATA,
    statuses: [{ type: "ContainerRuntime", status: "IMPAIRED" }],
  });
  await telemetry.waitForAnswers(2);

  const [task] = Object(emulator.callApi("DescribeTasks", { tasks: [taskArn] })).tasks;
  assert.deepEqual([task.healthStatus, task.containers[0].healthStatus], ["HEALTHY", "HEALTHY"]);
  const [instance] = Object(
    emulator.callApi("DescribeContainerInstances", {
      containerInstances: [agent.containerInstanceArn],
    }),
  ).containerInstances;
  assert.equal(instance.healthStatus.overallStatus, "IMPAIRED");
  await Promise.all([telemetry.leave(), agent.leave()]);
});

test("Faults in telemetry do not affect ACS, and faults in ACS do not affect telemetry", async () => {
  await using emulator = await AcsEmulator.listen({ heartbeatIntervalMs: 0 });
  const agent = await ScriptedAgent.start(emulator);
  const telemetry = await TelemetryAgent.connect(emulator, agent.containerInstanceArn);

  emulator.injectFault({ at: "connection", action: "end" });
  await emulator.waitFor("connected");
  await telemetry.send("PublishMetricsRequest", METRICS);
  await telemetry.waitForAnswers(1);
  emulator.injectFault({ at: "connection", service: "tcs", action: "reset" });
  await telemetry.ended;
  emulator.injectFault({ at: "upgrade", service: "tcs", action: "refuse" });
  await assert.rejects(TelemetryAgent.connect(emulator, agent.containerInstanceArn), /403/);

  assert.deepEqual(emulator.connections.map(({ open }) => open), [false, true]);
  const refused = emulator.transcript.find(({ event }) => event === "refused");
  assert.equal(refused?.request, "telemetry upgrade");
  await agent.leave();
});

test("An unknown or deregistered instance must not send telemetry", async () => {
  await using emulator = await AcsEmulator.listen({ requireRegistration: true });
  await assert.rejects(TelemetryAgent.connect(emulator, SAMPLE_CONTAINER_INSTANCE_ARN), /400/);
  await assert.rejects(TelemetryAgent.connect(emulator, "no-arn"), /400/);
});
