import assert from "node:assert/strict";
import { payloadTask } from "../../emulator/api/task_payload.ts";
import { cpuUnits, memoryMib, reservationFor } from "../../emulator/api/task_size.ts";
import type { TaskDefinition, TaskDefinitionContent } from "../../emulator/ecs/task_definitions.ts";
import { findProblem } from "../../protocol/find_problem.ts";
import { test } from "../testing/test.ts";

const REGION = "us-west-2";

type ContainerContent = NonNullable<TaskDefinitionContent["containerDefinitions"]>[number];

function definition(
  container: ContainerContent,
  content: TaskDefinitionContent = {},
): TaskDefinition {
  return {
    taskDefinitionArn: "arn:aws:ecs:us-west-2:111122223333:task-definition/web:7",
    family: "web",
    revision: 7,
    status: "ACTIVE",
    registeredAt: 0,
    content: {
      ...content,
      family: "web",
      containerDefinitions: [{ name: "main", image: "busybox", memory: 64, ...container }],
    },
  };
}

/** The payload's task and its container, with Docker's settings parsed. */
function payloadOf(container: ContainerContent, content: TaskDefinitionContent = {}) {
  const task = payloadTask(definition(container, content), {}, REGION);
  assert.equal(findProblem("PayloadMessage", { tasks: [task] }), undefined);
  const main = task.containers?.[0];
  assert.ok(main);
  const { version, config, hostConfig } = main.dockerConfig ?? {};
  return {
    task,
    main,
    version,
    config: JSON.parse(config ?? ""),
    hostConfig: JSON.parse(hostConfig ?? ""),
  };
}

test("A minimal task definition becomes a payload that any agent can run", () => {
  const { task, main, version, config, hostConfig } = payloadOf({});
  assert.deepEqual(
    [task.family, task.version, task.desiredStatus, task.networkMode, task.overrides],
    ["web", "7", "RUNNING", "bridge", "{}"],
  );
  assert.deepEqual([main.essential, main.cpu, main.memory, main.overrides], [true, 0, 64, "{}"]);
  assert.deepEqual([version, config, hostConfig], ["1.21", {}, { NetworkMode: "bridge" }]);
});

test("Settings that agents pass through to Docker become Docker's configuration, in Docker's units", () => {
  const { config, hostConfig } = payloadOf({
    user: "1000",
    workingDirectory: "/srv",
    dockerLabels: { team: "web" },
    healthCheck: { command: ["CMD-SHELL", "true"], interval: 5, startPeriod: 10 },
    memoryReservation: 32,
    privileged: true,
    readonlyRootFilesystem: true,
    dnsServers: ["10.0.0.2"],
    extraHosts: [{ hostname: "db", ipAddress: "10.0.0.3" }],
    ulimits: [{ name: "nofile", softLimit: 512, hardLimit: 1024 }],
    systemControls: [{ namespace: "net.core.somaxconn", value: "1024" }],
    logConfiguration: { logDriver: "json-file", options: { "max-size": "1m" } },
    linuxParameters: {
      capabilities: { drop: ["NET_RAW"] },
      sharedMemorySize: 64,
      maxSwap: 64,
      tmpfs: [{ containerPath: "/run", size: 16, mountOptions: ["noexec"] }],
      devices: [{ hostPath: "/dev/fuse", permissions: ["read", "mknod"] }],
    },
  });
  assert.deepEqual(config, {
    User: "1000",
    WorkingDir: "/srv",
    Labels: { team: "web" },
    Healthcheck: {
      Test: ["CMD-SHELL", "true"],
      Interval: 5e9,
      Timeout: 5e9,
      Retries: 3,
      StartPeriod: 10e9,
    },
  });
  assert.deepEqual(hostConfig, {
    NetworkMode: "bridge",
    MemoryReservation: 32 * 1024 ** 2,
    Privileged: true,
    ReadonlyRootfs: true,
    Dns: ["10.0.0.2"],
    ExtraHosts: ["db:10.0.0.3"],
    Sysctls: { "net.core.somaxconn": "1024" },
    Ulimits: [{ Name: "nofile", Soft: 512, Hard: 1024 }],
    LogConfig: { Type: "json-file", Config: { "max-size": "1m" } },
    CapDrop: ["NET_RAW"],
    ShmSize: 64 * 1024 ** 2,
    MemorySwap: 128 * 1024 ** 2,
    Tmpfs: { "/run": "size=16m,noexec" },
    Devices: [
      { PathOnHost: "/dev/fuse", PathInContainer: "/dev/fuse", CgroupPermissions: "rm" },
    ],
  });
});

test("A container gets the oldest version of Docker's API that has all of its settings", () => {
  const versions = [
    {},
    { linuxParameters: { sharedMemorySize: 64 } },
    { healthCheck: { command: ["CMD", "true"] } },
    { healthCheck: { command: ["CMD", "true"] }, linuxParameters: { initProcessEnabled: true } },
  ].map((container) => payloadOf(container).version);
  assert.deepEqual(versions, ["1.21", "1.22", "1.24", "1.25"]);
});

test("Secrets are references, with the provider and the region of their ARNs", () => {
  const { main } = payloadOf({
    secrets: [
      { name: "A", valueFrom: "/web/a" },
      { name: "B", valueFrom: "arn:aws:secretsmanager:eu-west-1:111122223333:secret:b" },
    ],
    logConfiguration: {
      logDriver: "splunk",
      secretOptions: [{ name: "splunk-token", valueFrom: "/web/token" }],
    },
  });
  const secrets = main.secrets?.map((secret) => [
    secret?.name,
    secret?.provider,
    secret?.region,
    secret?.type,
    secret?.target,
  ]);
  assert.deepEqual(secrets, [
    ["A", "ssm", REGION, "ENVIRONMENT_VARIABLE", "CONTAINER"],
    ["B", "asm", "eu-west-1", "ENVIRONMENT_VARIABLE", "CONTAINER"],
    ["splunk-token", "ssm", REGION, "BOOTSTRAP", "LOG_DRIVER"],
  ]);
});

test("An ECR image is pulled with the execution role, any other image with a secret if there is one", () => {
  const ecr = payloadOf({ image: "111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:1" });
  assert.deepEqual(ecr.main.registryAuthentication, {
    type: "ecr",
    ecrAuthData: { registryId: "111122223333", region: "eu-west-1", useExecutionRole: true },
  });
  const credentialsParameter = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:hub";
  const hub = payloadOf({ repositoryCredentials: { credentialsParameter } });
  assert.deepEqual(hub.main.registryAuthentication, {
    type: "asm",
    asmAuthData: { credentialsParameter, region: "eu-west-1" },
  });
});

test("Each volume names its kind, since agents refuse those that do not", () => {
  const { task } = payloadOf({}, {
    volumes: [
      { name: "scratch" },
      { name: "host", host: { sourcePath: "/srv" } },
      { name: "docker", dockerVolumeConfiguration: { scope: "shared", driver: "local" } },
      {
        name: "efs",
        efsVolumeConfiguration: { fileSystemId: "fs-1", authorizationConfig: { iam: "ENABLED" } },
      },
    ],
  });
  assert.deepEqual(task.volumes?.map((volume) => [volume?.name, volume?.type]), [
    ["scratch", "host"],
    ["host", "host"],
    ["docker", "docker"],
    ["efs", "efs"],
  ]);
});

test("With bridge networking Docker chooses the host's ports; with host networking they are the container's", () => {
  const portMappings = [{ containerPort: 80 }, { containerPort: 53, protocol: "udp" }];
  const bridge = payloadOf({ portMappings }, { networkMode: "bridge" });
  assert.deepEqual(bridge.main.portMappings?.map((one) => one?.hostPort), [0, 0]);
  const host = payloadOf({ portMappings }, { networkMode: "host" });
  assert.deepEqual(host.main.portMappings?.map((one) => one?.hostPort), [80, 53]);
  const reserved = reservationFor(definition({ portMappings }, { networkMode: "host" }), {});
  assert.deepEqual([reserved.tcp, reserved.udp], [[80], [53]]);
});

test("A task's size may be in units or in vCPU and GB, and overrides apply", () => {
  assert.deepEqual([cpuUnits("512"), cpuUnits("0.5 vCPU"), cpuUnits("much")], [512, 512, NaN]);
  assert.deepEqual([memoryMib("512"), memoryMib("2 GB"), memoryMib("")], [512, 2048, NaN]);
  const whole = definition({}, { cpu: "1 vCPU", memory: "2 GB" });
  const { task } = { task: payloadTask(whole, {}, REGION) };
  assert.deepEqual([task.cpu, task.memory], [1, 2048]);
  const { cpu, memory } = reservationFor(definition({ cpu: 10, memoryReservation: 32 }), {
    containerOverrides: [{ name: "main", cpu: 20 }],
  });
  assert.deepEqual([cpu, memory], [20, 32]);
});

test("Overrides replace the command and add to the environment", () => {
  const task = payloadTask(
    definition({ command: ["a"], environment: [{ name: "A", value: "1" }] }),
    {
      containerOverrides: [
        { name: "main", command: ["b"], environment: [{ name: "B", value: "2" }] },
      ],
    },
    REGION,
  );
  assert.deepEqual(
    [task.containers?.[0]?.command, task.containers?.[0]?.environment],
    [["b"], { A: "1", B: "2" }],
  );
});
