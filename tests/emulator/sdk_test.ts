import assert from "node:assert/strict";
import {
  CreateClusterCommand,
  CreateServiceCommand,
  DeleteClusterCommand,
  DeleteServiceCommand,
  DeregisterContainerInstanceCommand,
  DeregisterTaskDefinitionCommand,
  DescribeClustersCommand,
  DescribeContainerInstancesCommand,
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  DescribeTasksCommand,
  ECSClient,
  ListClustersCommand,
  ListContainerInstancesCommand,
  ListServicesCommand,
  ListTagsForResourceCommand,
  ListTaskDefinitionFamiliesCommand,
  ListTaskDefinitionsCommand,
  ListTasksCommand,
  RegisterTaskDefinitionCommand,
  RunTaskCommand,
  StartTaskCommand,
  StopTaskCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateContainerInstancesStateCommand,
  UpdateServiceCommand,
  waitUntilServicesInactive,
  waitUntilServicesStable,
  waitUntilTasksRunning,
  waitUntilTasksStopped,
} from "@aws-sdk/client-ecs";
import { AcsEmulator, EXAMPLE_CREDENTIALS } from "../../emulator/mod.ts";
import { test } from "../testing/test.ts";
import { ScriptedAgent } from "./scripted_agent.ts";

const REGION = "us-west-2";

/** A client without retries, and the polling interval of its waiters. */
function clientOf({ url }: AcsEmulator): ECSClient {
  return new ECSClient({
    endpoint: url,
    region: REGION,
    credentials: EXAMPLE_CREDENTIALS,
    maxAttempts: 1,
  });
}

interface Stage {
  readonly emulator: AcsEmulator;
  readonly client: ECSClient;
  readonly agent: ScriptedAgent;
}

async function withAgent(play: (stage: Stage) => Promise<void>): Promise<void> {
  await using emulator = await AcsEmulator.listen({ heartbeatIntervalMs: 0 });
  const client = clientOf(emulator);
  const agent = await ScriptedAgent.start(emulator);
  try {
    await play({ emulator, client, agent });
  } finally {
    await agent.leave();
    client.destroy();
  }
}

function waiterOf(client: ECSClient) {
  return { client, maxWaitTime: 30, minDelay: 0.02, maxDelay: 0.02 };
}

async function register(client: ECSClient, family: string, command: string[]): Promise<string> {
  const { taskDefinition } = await client.send(
    new RegisterTaskDefinitionCommand({
      family,
      containerDefinitions: [{ name: "main", image: "busybox", memory: 64, cpu: 10, command }],
    }),
  );
  return taskDefinition?.taskDefinitionArn ?? "";
}

test("The AWS SDK runs a task, waits for it, describes it, and stops it", async () => {
  await withAgent(async ({ client, agent }) => {
    const { taskDefinition } = await client.send(
      new RegisterTaskDefinitionCommand({
        family: "web",
        networkMode: "bridge",
        taskRoleArn: "arn:aws:iam::111122223333:role/web",
        containerDefinitions: [{
          name: "web",
          image: "busybox",
          memory: 64,
          cpu: 10,
          command: ["httpd"],
          environment: [{ name: "A", value: "1" }],
          portMappings: [{ containerPort: 80 }],
          healthCheck: { command: ["CMD-SHELL", "true"], interval: 5 },
          secrets: [{ name: "KEY", valueFrom: "arn:aws:ssm:us-west-2:111122223333:parameter/key" }],
          mountPoints: [{ sourceVolume: "data", containerPath: "/data" }],
        }],
        volumes: [{ name: "data", dockerVolumeConfiguration: { scope: "task" } }],
      }),
    );
    assert.equal(taskDefinition?.revision, 1);
    const { tasks: started, failures } = await client.send(
      new RunTaskCommand({
        taskDefinition: "web",
        startedBy: "me",
        tags: [{ key: "team", value: "web" }],
        overrides: {
          containerOverrides: [{ name: "web", environment: [{ name: "B", value: "2" }] }],
        },
      }),
    );
    assert.deepEqual(failures, []);
    const [task] = started ?? [];
    const taskArn = task?.taskArn ?? "";
    assert.deepEqual([task?.lastStatus, task?.desiredStatus], ["PENDING", "RUNNING"]);

    const running = await waitUntilTasksRunning(waiterOf(client), { tasks: [taskArn] });
    assert.equal(running.state, "SUCCESS");
    const payload = Object(agent.tasks.get(taskArn));
    assert.deepEqual(payload.containers[0].environment, { A: "1", B: "2" });
    assert.equal(payload.containers[0].secrets[0].provider, "ssm");
    assert.equal(payload.containers[0].dockerConfig.version, "1.24");
    assert.deepEqual(payload.volumes[0].type, "docker");
    assert.equal(payload.roleCredentials.roleArn, "arn:aws:iam::111122223333:role/web");

    const stopped = await client.send(new StopTaskCommand({ task: taskArn, reason: "enough" }));
    assert.equal(stopped.task?.desiredStatus, "STOPPED");
    await waitUntilTasksStopped(waiterOf(client), { tasks: [taskArn] });
    const described = await client.send(
      new DescribeTasksCommand({ tasks: [taskArn], include: ["TAGS"] }),
    );
    const [last] = described.tasks ?? [];
    assert.deepEqual(
      [last?.lastStatus, last?.stopCode, last?.stoppedReason, last?.containers?.[0]?.exitCode],
      ["STOPPED", "UserInitiated", "enough", 143],
    );
    assert.ok(last?.startedAt instanceof Date && last.stoppedAt instanceof Date);
    assert.deepEqual(last.tags, [{ key: "team", value: "web" }]);
    const listed = await client.send(new ListTasksCommand({ desiredStatus: "STOPPED" }));
    assert.deepEqual(listed.taskArns, [taskArn]);
  });
});

test("The AWS SDK sees the exit code of a task that ends, and why one did not start", async () => {
  await withAgent(async ({ client, agent }) => {
    const failing = await register(client, "failing", ["exit", "3"]);
    const { tasks = [] } = await client.send(new RunTaskCommand({ taskDefinition: failing }));
    const arns = tasks.map(({ taskArn = "" }) => taskArn);
    await waitUntilTasksStopped(waiterOf(client), { tasks: arns });
    const [ended] = (await client.send(new DescribeTasksCommand({ tasks: arns }))).tasks ?? [];
    assert.equal(ended?.stopCode, "EssentialContainerExited");
    assert.equal(ended?.containers?.[0]?.exitCode, 3);

    const silent = await register(client, "silent", ["hang"]);
    const run = await client.send(new RunTaskCommand({ taskDefinition: silent }));
    const taskArn = run.tasks?.[0]?.taskArn ?? "";
    await agent.report(taskArn, "STOPPED", { reason: "CannotPullContainerError: not found" });
    const [failed] = (await client.send(new DescribeTasksCommand({ tasks: [taskArn] }))).tasks ??
      [];
    assert.deepEqual(
      [failed?.stopCode, failed?.stoppedReason],
      ["TaskFailedToStart", "CannotPullContainerError: not found"],
    );
  });
});

test("The AWS SDK creates, describes, lists and deletes clusters", async () => {
  await withAgent(async ({ client }) => {
    const { cluster } = await client.send(new CreateClusterCommand({ clusterName: "test" }));
    assert.deepEqual([cluster?.clusterName, cluster?.status], ["test", "ACTIVE"]);
    const { clusterArns } = await client.send(new ListClustersCommand({}));
    assert.deepEqual(clusterArns?.map((arn) => arn.split("/").at(-1)), ["default", "test"]);
    const described = await client.send(
      new DescribeClustersCommand({ clusters: ["default", "nowhere"] }),
    );
    assert.equal(described.clusters?.[0]?.registeredContainerInstancesCount, 1);
    assert.equal(described.failures?.[0]?.reason, "MISSING");
    const deleted = await client.send(new DeleteClusterCommand({ cluster: "test" }));
    assert.equal(deleted.cluster?.status, "INACTIVE");
    await assert.rejects(client.send(new DeleteClusterCommand({ cluster: "default" })), {
      name: "ClusterContainsContainerInstancesException",
    });
    await assert.rejects(client.send(new ListTasksCommand({ cluster: "test" })), {
      name: "ClusterNotFoundException",
    });
  });
});

test("The AWS SDK registers revisions of task definitions, and deregisters them", async () => {
  await withAgent(async ({ client }) => {
    const first = await register(client, "a", ["sleep"]);
    const second = await register(client, "a", ["sleep"]);
    await register(client, "b", ["sleep"]);
    const { families } = await client.send(new ListTaskDefinitionFamiliesCommand({}));
    assert.deepEqual(families, ["a", "b"]);
    const { taskDefinition, tags } = await client.send(
      new DescribeTaskDefinitionCommand({ taskDefinition: "a" }),
    );
    assert.deepEqual([taskDefinition?.taskDefinitionArn, tags], [second, []]);
    const gone = await client.send(new DeregisterTaskDefinitionCommand({ taskDefinition: "a:1" }));
    assert.equal(gone.taskDefinition?.status, "INACTIVE");
    const { taskDefinitionArns } = await client.send(
      new ListTaskDefinitionsCommand({ familyPrefix: "a" }),
    );
    assert.deepEqual(taskDefinitionArns, [second]);
    await assert.rejects(client.send(new RunTaskCommand({ taskDefinition: first })), {
      name: "ClientException",
      message: "TaskDefinition is inactive",
    });
  });
});

test("The AWS SDK reads long lists page by page, even while they change", async () => {
  await withAgent(async ({ client }) => {
    for (const family of ["a", "b", "c", "d", "e"]) await register(client, family, ["sleep"]);
    const first = await client.send(new ListTaskDefinitionsCommand({ maxResults: 2 }));
    await client.send(new DeregisterTaskDefinitionCommand({ taskDefinition: "a:1" }));
    const { nextToken = "" } = first;
    const second = await client.send(new ListTaskDefinitionsCommand({ maxResults: 2, nextToken }));
    const rest = await client.send(
      new ListTaskDefinitionsCommand({ maxResults: 2, nextToken: second.nextToken }),
    );
    const names = [first, second, rest].flatMap(({ taskDefinitionArns = [] }) =>
      taskDefinitionArns.map((arn) => arn.split("/").at(-1))
    );
    assert.deepEqual(names, ["a:1", "b:1", "c:1", "d:1", "e:1"]);
    assert.equal(rest.nextToken, undefined);
    await assert.rejects(client.send(new ListTasksCommand({ nextToken: "made up" })), {
      name: "InvalidParameterException",
    });
  });
});

test("A repeated RunTask with the same client token runs its tasks once", async () => {
  await withAgent(async ({ client }) => {
    const taskDefinition = await register(client, "a", ["sleep"]);
    const input = { taskDefinition, count: 2, clientToken: "token" };
    const [one, other] = [
      await client.send(new RunTaskCommand(input)),
      await client.send(new RunTaskCommand(input)),
    ];
    const arns = (run: typeof one) => run.tasks?.map(({ taskArn }) => taskArn);
    assert.equal(one.tasks?.length, 2);
    assert.deepEqual(arns(other), arns(one));
    await assert.rejects(client.send(new RunTaskCommand({ ...input, count: 1 })), {
      name: "ConflictException",
    });
  });
});

test("Tasks are placed where there is room, and failures name the missing resource", async () => {
  await withAgent(async ({ client, emulator, agent }) => {
    const define = async (family: string, container: object) => {
      await client.send(
        new RegisterTaskDefinitionCommand({
          family,
          containerDefinitions: [{ name: "main", image: "busybox", memory: 64, ...container }],
        }),
      );
    };
    await define("cpu", { cpu: 4096 });
    await define("memory", { memory: 8192 });
    await define("port", { portMappings: [{ containerPort: 80, hostPort: 8080 }] });
    await define("taken", { portMappings: [{ containerPort: 80, hostPort: 22 }] });
    const run = async (taskDefinition: string) => {
      const { tasks, failures } = await client.send(new RunTaskCommand({ taskDefinition }));
      return tasks?.length === 1 ? "ok" : failures?.[0]?.reason;
    };
    assert.equal(await run("cpu"), "RESOURCE:CPU");
    assert.equal(await run("memory"), "RESOURCE:MEMORY");
    assert.equal(await run("taken"), "RESOURCE:PORTS");
    assert.equal(await run("port"), "ok");
    assert.equal(await run("port"), "RESOURCE:PORTS");
    const { containerInstances } = await client.send(
      new DescribeContainerInstancesCommand({ containerInstances: [agent.containerInstanceArn] }),
    );
    const remaining = containerInstances?.[0]?.remainingResources;
    assert.ok(remaining?.find(({ name }) => name === "PORTS")?.stringSetValue?.includes("8080"));
    assert.equal(remaining?.find(({ name }) => name === "MEMORY")?.integerValue, 4096 - 64);
    await agent.leave();
    if (emulator.connections.some(({ open }) => open)) await emulator.waitFor("disconnected");
    assert.equal(await run("port"), "AGENT");
  });
});

test("A task is started on a named instance; a missing one is a failure", async () => {
  await withAgent(async ({ client, agent }) => {
    const taskDefinition = await register(client, "a", ["sleep"]);
    const { tasks, failures } = await client.send(
      new StartTaskCommand({
        taskDefinition,
        containerInstances: [agent.containerInstanceArn, "nowhere"],
      }),
    );
    assert.equal(tasks?.[0]?.containerInstanceArn, agent.containerInstanceArn);
    assert.deepEqual(failures, [{ arn: "nowhere", reason: "MISSING" }]);
  });
});

test("A draining instance gets no tasks, and one with tasks is deregistered only by force", async () => {
  await withAgent(async ({ client, agent }) => {
    const containerInstance = agent.containerInstanceArn;
    const taskDefinition = await register(client, "a", ["sleep"]);
    const { tasks = [] } = await client.send(new RunTaskCommand({ taskDefinition }));
    await waitUntilTasksRunning(waiterOf(client), {
      tasks: tasks.map((task) => task.taskArn ?? ""),
    });
    const drained = await client.send(
      new UpdateContainerInstancesStateCommand({
        containerInstances: [containerInstance],
        status: "DRAINING",
      }),
    );
    assert.equal(drained.containerInstances?.[0]?.status, "DRAINING");
    await assert.rejects(client.send(new RunTaskCommand({ taskDefinition })), {
      message: "No Container Instances were found in your cluster.",
    });
    await assert.rejects(
      client.send(new DeregisterContainerInstanceCommand({ containerInstance })),
      { name: "InvalidParameterException", message: /running tasks/ },
    );
    await client.send(new DeregisterContainerInstanceCommand({ containerInstance, force: true }));
    const { containerInstanceArns } = await client.send(new ListContainerInstancesCommand({}));
    assert.deepEqual(containerInstanceArns, []);
  });
});

test("Resources of all kinds are tagged and untagged", async () => {
  await withAgent(async ({ client, agent }) => {
    const definition = await register(client, "a", ["sleep"]);
    for (const resourceArn of [definition, agent.containerInstanceArn]) {
      const tags = [{ key: "team", value: "web" }, { key: "stage", value: "test" }];
      await client.send(new TagResourceCommand({ resourceArn, tags }));
      await client.send(new UntagResourceCommand({ resourceArn, tagKeys: ["stage"] }));
      const listed = await client.send(new ListTagsForResourceCommand({ resourceArn }));
      assert.deepEqual(listed.tags, [{ key: "team", value: "web" }]);
    }
    await assert.rejects(client.send(new ListTagsForResourceCommand({ resourceArn: "arn:none" })), {
      name: "InvalidParameterException",
    });
  });
});

test("A service keeps its tasks running, rolls out a new definition, drains, and is deleted", async () => {
  await withAgent(async ({ client, agent }) => {
    await register(client, "web", ["sleep"]);
    const services = ["web"];
    const describe = async () =>
      (await client.send(new DescribeServicesCommand({ services }))).services?.[0];
    await client.send(
      new CreateServiceCommand({ serviceName: "web", taskDefinition: "web", desiredCount: 2 }),
    );
    await waitUntilServicesStable(waiterOf(client), { services });
    const { taskArns = [] } = await client.send(new ListTasksCommand({ serviceName: "web" }));
    assert.equal(taskArns.length, 2);

    // An agent reports that a task has ended: another one replaces it.
    await agent.report(taskArns[0] ?? "", "STOPPED", { exitCode: 1 });
    await waitUntilServicesStable(waiterOf(client), { services });
    const replaced = (await client.send(new ListTasksCommand({ serviceName: "web" }))).taskArns;
    assert.equal(replaced?.length, 2);
    assert.ok(!replaced.includes(taskArns[0] ?? ""));

    const second = await register(client, "web", ["sleep"]);
    await client.send(new UpdateServiceCommand({ service: "web", taskDefinition: "web" }));
    await waitUntilServicesStable(waiterOf(client), { services });
    const rolledOut = await describe();
    assert.deepEqual(rolledOut?.deployments?.map((one) => one.taskDefinition), [second]);
    assert.equal(rolledOut?.deployments?.[0]?.rolloutState, "COMPLETED");
    assert.match(rolledOut?.events?.[0]?.message ?? "", /has reached a steady state/);

    await client.send(new UpdateServiceCommand({ service: "web", desiredCount: 0 }));
    await waitUntilServicesStable(waiterOf(client), { services });
    assert.equal((await describe())?.runningCount, 0);
    await client.send(new UpdateServiceCommand({ service: "web", desiredCount: 1 }));
    await assert.rejects(client.send(new DeleteServiceCommand({ service: "web" })), {
      name: "InvalidParameterException",
    });
    await client.send(new DeleteServiceCommand({ service: "web", force: true }));
    await waitUntilServicesInactive(waiterOf(client), { services });
    assert.deepEqual((await client.send(new ListServicesCommand({}))).serviceArns, []);
  });
});

test("A service moves its tasks off a draining instance", async () => {
  await withAgent(async ({ client, agent, emulator }) => {
    const other = await ScriptedAgent.start(emulator);
    await register(client, "web", ["sleep"]);
    await client.send(
      new CreateServiceCommand({ serviceName: "web", taskDefinition: "web", desiredCount: 2 }),
    );
    await waitUntilServicesStable(waiterOf(client), { services: ["web"] });
    await client.send(
      new UpdateContainerInstancesStateCommand({
        containerInstances: [agent.containerInstanceArn],
        status: "DRAINING",
      }),
    );
    const isEmpty = async () => {
      const { taskArns } = await client.send(
        new ListTasksCommand({ containerInstance: agent.containerInstanceArn }),
      );
      return taskArns?.length === 0;
    };
    while (!await isEmpty()) await emulator.waitFor("taskStateChanged", { within: 5_000 });
    await waitUntilServicesStable(waiterOf(client), { services: ["web"] });
    await other.leave();
  });
});

test("A service whose tasks keep stopping counts them, and a new definition starts immediately", async () => {
  await withAgent(async ({ client, emulator }) => {
    await register(client, "web", ["exit", "1"]);
    const stopped: string[] = [];
    emulator.addEventListener("taskStateChanged", ({ detail }) => {
      if (detail.lastStatus === "STOPPED") stopped.push(detail.taskArn);
    });
    await client.send(
      new CreateServiceCommand({ serviceName: "web", taskDefinition: "web", desiredCount: 1 }),
    );
    // The first is replaced immediately, the second is not.
    while (stopped.length < 2) await emulator.waitFor("taskStateChanged", { within: 5_000 });
    const failing = await client.send(new DescribeServicesCommand({ services: ["web"] }));
    assert.equal(failing.services?.[0]?.deployments?.[0]?.failedTasks, 2);

    await register(client, "web", ["sleep"]);
    await client.send(new UpdateServiceCommand({ service: "web", taskDefinition: "web" }));
    await waitUntilServicesStable(waiterOf(client), { services: ["web"] });
    assert.equal(new Set(stopped).size, 2);
  });
});

test("Tasks are spread over instances, packed on one, or kept apart, by their placement rules", async () => {
  await withAgent(async ({ client, agent, emulator }) => {
    const other = await ScriptedAgent.start(emulator);
    const taskDefinition = await register(client, "a", ["sleep"]);
    const instancesOf = async (input: object) => {
      const { tasks, failures } = await client.send(
        new RunTaskCommand({ taskDefinition, ...input }),
      );
      assert.deepEqual(failures, []);
      return new Set(tasks?.map(({ containerInstanceArn }) => containerInstanceArn));
    };
    const both = new Set([agent.containerInstanceArn, other.containerInstanceArn]);
    assert.deepEqual(await instancesOf({ count: 2 }), both);
    const packed = await instancesOf({
      count: 3,
      placementStrategy: [{ type: "binpack", field: "memory" }],
    });
    assert.equal(packed.size, 1);
    const apart = { group: "apart", placementConstraints: [{ type: "distinctInstance" as const }] };
    assert.deepEqual(await instancesOf({ count: 2, ...apart }), both);
    const third = await client.send(new RunTaskCommand({ taskDefinition, ...apart }));
    assert.deepEqual(third.tasks, []);
    await assert.rejects(
      client.send(
        new RunTaskCommand({
          taskDefinition,
          placementConstraints: [{ type: "memberOf", expression: "attribute:a == b" }],
        }),
      ),
      { name: "InvalidParameterException" },
    );
    await other.leave();
  });
});

test("A cluster does not show the tasks, instances and services of another", async () => {
  await withAgent(async ({ client }) => {
    const taskDefinition = await register(client, "a", ["sleep"]);
    const { tasks } = await client.send(new RunTaskCommand({ taskDefinition }));
    await client.send(new CreateClusterCommand({ clusterName: "other" }));
    const cluster = "other";
    const described = await client.send(
      new DescribeTasksCommand({ cluster, tasks: [tasks?.[0]?.taskArn ?? ""] }),
    );
    assert.deepEqual([described.tasks, described.failures?.[0]?.reason], [[], "MISSING"]);
    assert.deepEqual((await client.send(new ListTasksCommand({ cluster }))).taskArns, []);
    const listed = await client.send(new ListContainerInstancesCommand({ cluster }));
    assert.deepEqual(listed.containerInstanceArns, []);
    await assert.rejects(client.send(new RunTaskCommand({ cluster, taskDefinition })), {
      message: "No Container Instances were found in your cluster.",
    });
    assert.deepEqual((await client.send(new ListServicesCommand({ cluster }))).serviceArns, []);
  });
});

test("Tasks are listed by family, starter, service, instance and desired status", async () => {
  await withAgent(async ({ client, agent }) => {
    const taskDefinition = await register(client, "a", ["sleep"]);
    await register(client, "b", ["sleep"]);
    const { tasks } = await client.send(new RunTaskCommand({ taskDefinition, startedBy: "me" }));
    await client.send(new RunTaskCommand({ taskDefinition: "b" }));
    const wanted = [tasks?.[0]?.taskArn];
    for (const filter of [{ family: "a" }, { startedBy: "me" }]) {
      assert.deepEqual((await client.send(new ListTasksCommand(filter))).taskArns, wanted);
    }
    const { containerInstanceArn } = agent;
    const onAgent = new ListTasksCommand({ containerInstance: containerInstanceArn });
    assert.equal((await client.send(onAgent)).taskArns?.length, 2);
    for (const filter of [{ serviceName: "web" }, { desiredStatus: "STOPPED" as const }]) {
      assert.deepEqual((await client.send(new ListTasksCommand(filter))).taskArns, []);
    }
  });
});

test("Invalid values are refused, and so are settings that the emulator would have to ignore", async () => {
  await withAgent(async ({ emulator, client }) => {
    const taskDefinition = await register(client, "a", ["sleep"]);
    const refused = [
      ["ListTasks", { desiredStatus: "STOPED" }, /desiredStatus must be one of RUNNING/],
      ["ListTasks", { launchType: "ec2" }, /launchType must be one of EC2/],
      ["ListServices", { launchType: "ec2" }, /launchType must be one of EC2/],
      ["ListContainerInstances", { status: "GONE" }, /status must be one of ACTIVE/],
      ["ListTaskDefinitions", { status: "GONE" }, /status must be one of ACTIVE/],
      ["ListTaskDefinitions", { sort: "UP" }, /sort must be one of ASC, DESC/],
      ["ListTaskDefinitionFamilies", { status: "GONE" }, /status must be one of ACTIVE/],
      [
        "RunTask",
        { taskDefinition, placementStrategy: [{ type: "pack" }] },
        /placementStrategy.type must be one of binpack/,
      ],
      [
        "RunTask",
        {
          taskDefinition,
          networkConfiguration: { awsvpcConfiguration: { subnets: ["subnet-1"] } },
        },
        /Network Configuration is not valid/,
      ],
      [
        "CreateService",
        {
          serviceName: "a",
          taskDefinition,
          loadBalancers: [{ targetGroupArn: "arn:aws:elasticloadbalancing:…" }],
        },
        /does not support loadBalancers/,
      ],
    ] as const;
    for (const [operation, input, message] of refused) {
      assert.throws(() => emulator.callApi(operation, input), { message });
    }
    const { taskDefinition: constrained } = await client.send(
      new RegisterTaskDefinitionCommand({
        family: "b",
        containerDefinitions: [{ name: "main", image: "busybox", memory: 64 }],
        placementConstraints: [{ type: "memberOf", expression: "attribute:a == b" }],
      }),
    );
    await assert.rejects(
      client.send(new RunTaskCommand({ taskDefinition: constrained?.taskDefinitionArn })),
      { name: "InvalidParameterException", message: /placement constraint memberOf/ },
    );
  });
});
