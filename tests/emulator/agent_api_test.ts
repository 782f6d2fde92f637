import assert from "node:assert/strict";
import {
  AcsEmulator,
  SAMPLE_CLUSTER_ARN,
  SAMPLE_CONTAINER_INSTANCE_ARN,
} from "../../emulator/mod.ts";
import { test } from "../testing/test.ts";
import { callEcs, REGISTRATION, ScriptedAgent } from "./scripted_agent.ts";
import { expectRefusal, TestAgent } from "./test_agent.ts";

/** Registers an instance, which must succeed. */
async function register(emulator: AcsEmulator, input: object = {}) {
  const { status, body } = await callEcs(emulator, "RegisterContainerInstance", {
    ...REGISTRATION,
    ...input,
  });
  assert.equal(status, 200, JSON.stringify(body));
  return Object(body.containerInstance);
}

test("A registered instance repeats the agent's attributes, and has resources and a zone", async () => {
  await using emulator = await AcsEmulator.listen();
  const versionInfo = { agentVersion: "1.105.1", agentHash: "a8b3e7d3", dockerVersion: "25.0.6" };
  const instance = await register(emulator, {
    versionInfo,
    tags: [{ key: "team", value: "web" }],
  });

  assert.match(
    instance.containerInstanceArn,
    /^arn:aws:ecs:us-west-2:111122223333:container-instance\/default\/[0-9a-f]{32}$/,
  );
  assert.deepEqual(instance.attributes, [
    ...REGISTRATION.attributes,
    { name: "ecs.availability-zone", value: "us-west-2a" },
  ]);
  assert.deepEqual(instance.registeredResources, REGISTRATION.totalResources);
  assert.deepEqual(instance.remainingResources, REGISTRATION.totalResources);
  assert.deepEqual([instance.status, instance.agentConnected], ["ACTIVE", false]);
  assert.deepEqual(instance.versionInfo, versionInfo);
  const { body } = await callEcs(emulator, "ListTagsForResource", {
    resourceArn: instance.containerInstanceArn,
  });
  assert.deepEqual(body, { tags: [{ key: "team", value: "web" }] });
});

test("An agent that restarts with saved data, or repeats its call, is the same instance", async () => {
  await using emulator = await AcsEmulator.listen();
  const clientToken = "a420b083-96dc-48cc-82f1-73a79095eb33";
  const first = await register(emulator, { clientToken });
  const repeated = await register(emulator, { clientToken });
  const { containerInstanceArn } = first;
  const restarted = await register(emulator, { clientToken: "another", containerInstanceArn });
  const other = await register(emulator, { clientToken: "a third" });

  assert.equal(repeated.containerInstanceArn, containerInstanceArn);
  assert.equal(restarted.containerInstanceArn, containerInstanceArn);
  assert.deepEqual([first.version, repeated.version, restarted.version], [1, 2, 3]);
  assert.notEqual(other.containerInstanceArn, containerInstanceArn);
});

test("An agent with saved data of a lost state is registered under its ARN", async () => {
  await using emulator = await AcsEmulator.listen();
  const containerInstanceArn = SAMPLE_CONTAINER_INSTANCE_ARN;
  const instance = await register(emulator, { containerInstanceArn });
  assert.equal(instance.containerInstanceArn, containerInstanceArn);
});

test("An agent is refused in a cluster that does not exist with the text that it compares", async () => {
  await using emulator = await AcsEmulator.listen();
  const registration = { ...REGISTRATION, cluster: "prod" };
  const refused = await callEcs(emulator, "RegisterContainerInstance", registration);
  assert.deepEqual([refused.status, refused.body], [400, {
    __type: "com.amazonaws.ecs#ClusterNotFoundException",
    message: "Cluster not found.",
  }]);

  const { body } = await callEcs(emulator, "CreateCluster", { clusterName: "prod" });
  assert.equal(Object(body.cluster).clusterName, "prod");
  const instance = await register(emulator, { cluster: "prod" });
  assert.match(instance.containerInstanceArn, /:container-instance\/prod\//);
});

test("A deregistered instance can neither register nor connect", async () => {
  await using emulator = await AcsEmulator.listen();
  const { containerInstanceArn } = await register(emulator);
  const gone = await callEcs(emulator, "DeregisterContainerInstance", {
    cluster: "default",
    containerInstance: containerInstanceArn,
  });
  assert.equal(Object(gone.body.containerInstance).status, "INACTIVE");

  const { status, body } = await callEcs(emulator, "RegisterContainerInstance", {
    ...REGISTRATION,
    containerInstanceArn,
  });
  assert.deepEqual([status, body.__type], [400, "com.amazonaws.ecs#ClientException"]);
  const refusal = await expectRefusal(emulator, { query: { containerInstanceArn } });
  assert.match(refusal.body, /InactiveInstanceException/);
});

test("An agent discovers its endpoints with or without a zone", async () => {
  await using emulator = await AcsEmulator.listen();
  const { containerInstanceArn: containerInstance } = await register(emulator);
  const { body } = await callEcs(emulator, "DiscoverPollEndpoint", {
    cluster: "default",
    containerInstance,
    zoneId: "",
  });
  assert.deepEqual(body, {
    endpoint: `${emulator.url}/`,
    telemetryEndpoint: `${emulator.url}/telemetry`,
  });
});

test("An agent that connects without registering counts as registered, with room for tasks", async () => {
  await using emulator = await AcsEmulator.listen({ heartbeatIntervalMs: 0 });
  const agent = await TestAgent.connect(emulator);
  const [instance] = Object(
    emulator.callApi("DescribeContainerInstances", {
      containerInstances: [SAMPLE_CONTAINER_INSTANCE_ARN],
    }),
  ).containerInstances;
  assert.equal(instance.agentConnected, true);
  assert.deepEqual(
    instance.remainingResources.map(({ integerValue, stringSetValue }: {
      integerValue?: number;
      stringSetValue?: string[];
    }) => integerValue ?? stringSetValue),
    [4096, 16_384, [], []],
  );
  await agent.leave();
});

test("An agent that connects without registering creates its cluster", async () => {
  await using emulator = await AcsEmulator.listen({ heartbeatIntervalMs: 0 });
  const containerInstanceArn = SAMPLE_CONTAINER_INSTANCE_ARN.replace("/default/", "/prod/");
  const agent = await TestAgent.connect(emulator, {
    query: { clusterArn: "prod", containerInstanceArn },
  });
  const { containerInstanceArns } = Object(
    emulator.callApi("ListContainerInstances", { cluster: "prod" }),
  );
  assert.deepEqual(containerInstanceArns, [containerInstanceArn]);
  await agent.leave();
});

test("Where registration is required, an agent that has not registered is refused", async () => {
  await using emulator = await AcsEmulator.listen({ requireRegistration: true });
  const { status, body } = await callEcs(emulator, "DiscoverPollEndpoint", {
    cluster: "default",
    containerInstance: SAMPLE_CONTAINER_INSTANCE_ARN,
  });
  assert.deepEqual([status, body.__type], [400, "com.amazonaws.ecs#ClientException"]);
  assert.match((await expectRefusal(emulator)).body, /InvalidInstanceException/);

  const agent = await ScriptedAgent.start(emulator);
  assert.equal(emulator.connections.length, 1);
  await agent.leave();
});

test("With one cluster, agents register in it, and no other can be created", async () => {
  const clusterArn = SAMPLE_CLUSTER_ARN.replace("/default", "/prod");
  await using emulator = await AcsEmulator.listen({ clusterArn });
  const { containerInstanceArn } = await register(emulator, { cluster: "prod" });
  assert.match(containerInstanceArn, /\/prod\//);
  const created = await callEcs(emulator, "CreateCluster", { clusterName: "other" });
  assert.equal(created.status, 400);
  const refused = await callEcs(emulator, "RegisterContainerInstance", REGISTRATION);
  assert.equal(refused.body.message, "Cluster not found.");
});

test("An agent that registers gets an instance that the emulator was given in advance", async () => {
  const containerInstances = [SAMPLE_CONTAINER_INSTANCE_ARN];
  await using emulator = await AcsEmulator.listen({ containerInstances });
  const instance = await register(emulator);
  assert.equal(instance.containerInstanceArn, SAMPLE_CONTAINER_INSTANCE_ARN);
});

test("A registered agent gets a task that it can run, without roles and interfaces", async () => {
  await using emulator = await AcsEmulator.listen({ heartbeatIntervalMs: 0 });
  const agent = await ScriptedAgent.start(emulator);
  const { acked, taskArn } = emulator.runTask();
  await acked;
  const task = Object(agent.tasks.get(taskArn));
  assert.deepEqual(
    [task.networkMode, task.roleCredentials, task.elasticNetworkInterfaces, task.volumes],
    ["bridge", undefined, undefined, []],
  );
  const [container] = task.containers;
  assert.deepEqual([container.dockerConfig.version, container.stopTimeout], ["1.21", 2]);
  await agent.leave();
});

test("A status never moves backwards, and reported containers, bindings and times are kept", async () => {
  await using emulator = await AcsEmulator.listen({ heartbeatIntervalMs: 0 });
  const { taskArn } = emulator.runTask();
  const submit = (input: object) =>
    callEcs(emulator, "SubmitTaskStateChange", { cluster: "default", task: taskArn, ...input });
  const binding = { bindIP: "0.0.0.0", containerPort: 8080, hostPort: 49153, protocol: "tcp" };
  assert.deepEqual(
    (await submit({
      status: "RUNNING",
      reason: "",
      pullStartedAt: 1795820510.5,
      pullStoppedAt: 1795820512.25,
      containers: [{
        containerName: "web",
        status: "RUNNING",
        runtimeId: "f286",
        networkBindings: [binding],
      }],
    })).body,
    { acknowledgment: "ACCEPT" },
  );
  await submit({ status: "PENDING", reason: "" });
  await callEcs(emulator, "SubmitContainerStateChange", {
    task: taskArn,
    containerName: "log-router",
    status: "STOPPED",
    exitCode: 0,
  });

  const [task] = Object(emulator.callApi("DescribeTasks", { tasks: [taskArn] })).tasks;
  assert.deepEqual([task.lastStatus, task.pullStartedAt, task.pullStoppedAt], [
    "RUNNING",
    1795820510.5,
    1795820512.25,
  ]);
  const [web, router] = task.containers;
  assert.deepEqual([web.lastStatus, web.runtimeId, web.networkBindings], [
    "RUNNING",
    "f286",
    [binding],
  ]);
  assert.deepEqual([router.lastStatus, router.exitCode], ["STOPPED", 0]);
});

test("The status of a task's network interface is what its agent reports", async () => {
  await using emulator = await AcsEmulator.listen({ heartbeatIntervalMs: 0 });
  const { taskArn } = emulator.runTask();
  const describe = () => Object(emulator.callApi("DescribeTasks", { tasks: [taskArn] })).tasks[0];
  const attachmentArn = "arn:aws:ecs:us-west-2:111122223333:attachment/" +
    "1".padStart(32, "0");
  await callEcs(emulator, "SubmitAttachmentStateChanges", {
    cluster: "default",
    attachments: [{ attachmentArn, status: "ATTACHED" }],
  });
  assert.deepEqual(describe().attachments.map((one: { status: string }) => one.status), [
    "ATTACHED",
  ]);
});

test("A report about an unknown task is accepted, and changes nothing", async () => {
  await using emulator = await AcsEmulator.listen();
  const { status } = await callEcs(emulator, "SubmitTaskStateChange", {
    cluster: "default",
    task: "arn:aws:ecs:us-west-2:111122223333:task/default/0f0f",
    status: "STOPPED",
  });
  assert.equal(status, 200);
  assert.deepEqual(emulator.tasks, []);
});

test("An instance has the versions that its agent sent on its last connection", async () => {
  await using emulator = await AcsEmulator.listen({ heartbeatIntervalMs: 0 });
  const { containerInstanceArn } = await register(emulator);
  const connect = async (agentVersion: string) => {
    const query = {
      agentHash: "a8b3e7d3",
      agentVersion,
      containerInstanceArn,
      dockerVersion: "DockerVersion: 25.0.6",
    };
    await (await TestAgent.connect(emulator, { query })).leave();
    const described = emulator.callApi("DescribeContainerInstances", {
      containerInstances: [containerInstanceArn],
    });
    return Object(described).containerInstances[0].versionInfo;
  };
  for (const agentVersion of ["1.105.0", "1.105.1"]) {
    assert.deepEqual(await connect(agentVersion), {
      agentVersion,
      agentHash: "a8b3e7d3",
      dockerVersion: "DockerVersion: 25.0.6",
    });
  }
});

test("The stop code of a task that ends before all its containers have started depends on the cause", async () => {
  await using emulator = await AcsEmulator.listen({ heartbeatIntervalMs: 0 });
  const end = async (containers: object[]) => {
    const { taskArn } = emulator.runTask();
    await callEcs(emulator, "SubmitTaskStateChange", {
      cluster: "default",
      task: taskArn,
      status: "STOPPED",
      reason: "",
      containers,
    });
    const [task] = Object(emulator.callApi("DescribeTasks", { tasks: [taskArn] })).tasks;
    return [task.stopCode, task.stoppedReason];
  };
  const web = { containerName: "web", status: "STOPPED" };
  assert.deepEqual(await end([{ ...web, exitCode: 0 }]), [
    "EssentialContainerExited",
    "Essential container in task exited",
  ]);
  const reason = "CannotCreateContainerError: no such network";
  const router = { containerName: "log-router", status: "STOPPED", reason };
  assert.deepEqual(await end([{ ...web, exitCode: 137 }, router]), ["TaskFailedToStart", reason]);
});
