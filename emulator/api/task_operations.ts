/**
 * The operations of users on tasks.
 *
 * @module
 */

import type { InstanceRecord } from "../ecs/container_instances.ts";
import { whyNot } from "../ecs/placement.ts";
import type { TaskDefinition } from "../ecs/task_definitions.ts";
import type { TaskRecord } from "../ecs/task_record.ts";
import {
  activeCluster,
  activeDefinition,
  type ApiContext,
  clusterOf,
  findInstance,
  findTask,
} from "./api_context.ts";
import { checkOneOf, clientException, EcsApiError, invalidParameter } from "./api_error.ts";
import type { ApiHandlers, ApiInput } from "./api_operation.ts";
import { describeTask } from "./describe_task.ts";
import {
  activeInstances,
  candidateOf,
  checkConstraints,
  findPlace,
  placementRules,
} from "./find_place.ts";
import { pageOf } from "./page.ts";
import { lastPart } from "./present.ts";
import { startTask } from "./start_task.ts";
import { tagList } from "./tag_operations.ts";
import type { TaskOverride } from "./task_override.ts";
import { cpuUnits, memoryMib, reservationFor } from "./task_size.ts";

type Operation = "DescribeTasks" | "ListTasks" | "RunTask" | "StartTask" | "StopTask";

/**
 * Maximum number of tasks or instances in one call to RunTask or StartTask: the service's limit.
 */
const MAX_STARTED = 10;

/** Maximum number of tasks in one call to DescribeTasks: the service's limit. */
const MAX_DESCRIBED = 100;

/** The launch types that have container instances. */
const LAUNCH_TYPES: readonly string[] = ["EC2", "EXTERNAL"];

/** The launch types that a list can be filtered by. */
export const ALL_LAUNCH_TYPES: readonly string[] = [...LAUNCH_TYPES, "FARGATE"];

/** The statuses that a list can be filtered by. */
const DESIRED_STATUSES: readonly string[] = ["RUNNING", "PENDING", "STOPPED"];

/** The operations. */
export function taskOperations(context: ApiContext): ApiHandlers<Operation> {
  const { tasks, taskControl } = context;
  return {
    RunTask: (input) => once(context, "RunTask", input, () => runTasks(context, input)),
    StartTask: (input) => startTasks(context, input),
    StopTask: ({ cluster, task: idOrArn = "", reason }) => {
      const { name } = activeCluster(context, cluster);
      const known = findTask(context, name, idOrArn);
      if (known === undefined) throw invalidParameter("The referenced task was not found.");
      if (known.desiredStatus === "RUNNING") {
        taskControl.stop(known.taskArn, "UserInitiated", reason || "Task stopped by user");
      }
      return { task: describeTask(context, tasks.get(known.taskArn) ?? known) };
    },
    DescribeTasks: ({ cluster, tasks: requested = [], include = [] }) => {
      if (requested.length > MAX_DESCRIBED) {
        throw invalidParameter(`At most ${MAX_DESCRIBED} tasks can be described per call`);
      }
      const { name } = activeCluster(context, cluster);
      const found = requested.map((idOrArn) =>
        [idOrArn, findTask(context, name, idOrArn)] as const
      );
      const withTags = include.includes("TAGS");
      return {
        tasks: found.flatMap(([, one]) =>
          one === undefined ? [] : [describeTask(context, one, withTags)]
        ),
        failures: found.filter(([, one]) => one === undefined)
          .map(([idOrArn]) => ({ arn: missingArn(context, name, idOrArn), reason: "MISSING" })),
      };
    },
    ListTasks: ({ cluster, ...filter }) => {
      checkOneOf("desiredStatus", filter.desiredStatus, DESIRED_STATUSES);
      checkOneOf("launchType", filter.launchType, ALL_LAUNCH_TYPES);
      const { name } = activeCluster(context, cluster);
      const arns = tasks.records
        .filter((task) => clusterOf(task) === name && isListed(task, filter))
        .map(({ taskArn }) => taskArn);
      const { items, rest } = pageOf(arns, filter);
      return { taskArns: items, ...rest };
    },
  };
}

function missingArn({ clusters }: ApiContext, cluster: string, idOrArn: string): string {
  if (idOrArn.startsWith("arn:")) return idOrArn;
  return `${clusters.account}:task/${cluster}/${idOrArn}`;
}

function isListed(record: TaskRecord, filter: ApiInput<"ListTasks">): boolean {
  const { family, serviceName, startedBy, containerInstance, launchType } = filter;
  const { task, request, containerInstanceArn = "" } = record;
  return record.desiredStatus === (filter.desiredStatus || "RUNNING") &&
    (!family || task.family === family) &&
    (!serviceName || task.group === `service:${lastPart(serviceName)}`) &&
    (!startedBy || request?.startedBy === startedBy) &&
    (!containerInstance || lastPart(containerInstanceArn) === lastPart(containerInstance)) &&
    (!launchType || (request?.launchType ?? task.launchType) === launchType);
}

type Run = ApiInput<"RunTask"> | ApiInput<"StartTask">;

/** The checks that RunTask and StartTask share. */
interface CheckedRun {
  readonly cluster: string;
  readonly definition: TaskDefinition;
  readonly overrides: TaskOverride;
  readonly start: (instance: InstanceRecord) => TaskRecord;
  readonly group: string;
}

function checkRun(
  context: ApiContext,
  input: Run,
  launchType: string,
): CheckedRun {
  const { name: cluster } = activeCluster(context, input.cluster);
  const definition = activeDefinition(context, input.taskDefinition ?? "");
  checkRunnable(definition);
  checkNoVpc(input.networkConfiguration);
  const { overrides = {}, startedBy, enableExecuteCommand = false } = input;
  checkOverrides(definition, overrides);
  const tags = tagList(input.tags);
  const group = input.group ?? `family:${definition.family}`;
  return {
    cluster,
    definition,
    overrides,
    group,
    start: ({ containerInstanceArn }) =>
      startTask(context, {
        definition,
        overrides,
        cluster,
        containerInstanceArn,
        group,
        startedBy,
        launchType,
        enableExecuteCommand,
        tags,
      }),
  };
}

/**
 * Refuses tasks that no agent of the emulator could run.
 *
 * @throws {EcsApiError} If tasks of the definition need a VPC or have constraints that the emulator
 * does not support.
 */
export function checkRunnable({ content, taskDefinitionArn }: TaskDefinition): void {
  checkConstraints(content.placementConstraints);
  if (content.networkMode !== "awsvpc") return;
  throw invalidParameter(
    `${taskDefinitionArn} has the network mode awsvpc, which needs a VPC: the emulator runs tasks ` +
      "with bridge, host or none",
  );
}

/**
 * Refuses subnets and security groups, which ECS accepts only in network mode awsvpc.
 *
 * @throws {EcsApiError} If there are any.
 */
export function checkNoVpc(
  configuration: ApiInput<"RunTask">["networkConfiguration"],
): void {
  if (configuration?.awsvpcConfiguration === undefined) return;
  throw invalidParameter(
    "Network Configuration is not valid for the given networkMode of this task definition.",
  );
}

function checkOverrides({ content }: TaskDefinition, overrides: TaskOverride): void {
  const names = (content.containerDefinitions ?? []).map(({ name }) => name);
  for (const { name } of overrides.containerOverrides ?? []) {
    if (names.includes(name)) continue;
    throw invalidParameter(
      `Override for container named ${name} is not a container in the TaskDefinition.`,
    );
  }
  if (Number.isNaN(cpuUnits(overrides.cpu ?? "0"))) throw invalidParameter("Invalid cpu override.");
  if (Number.isNaN(memoryMib(overrides.memory ?? "0"))) {
    throw invalidParameter("Invalid memory override.");
  }
}

/** Runs a call only once for each client token, however often it is repeated. */
function once(
  context: ApiContext,
  operation: string,
  input: ApiInput<"RunTask">,
  run: () => { readonly tasks: readonly TaskRecord[]; readonly failures: readonly object[] },
): object {
  const { clientTokens, now, tasks } = context;
  const { clientToken, ...rest } = input;
  const answer = (records: readonly TaskRecord[], failures: readonly object[]) => ({
    tasks: records.map((record) => describeTask(context, record)),
    failures,
  });
  if (!clientToken) {
    const { tasks: started, failures } = run();
    return answer(started, failures);
  }
  const call = [operation, rest];
  const known = clientTokens.lookUp(clientToken, call, now());
  if (known.use === "other call") {
    throw new EcsApiError(
      "ConflictException",
      `The clientToken was used for another request: ${known.arns.join(", ")}`,
    );
  }
  if (known.use === "same call") {
    const records = known.arns.map((arn) => tasks.get(arn)).filter((task) => task !== undefined);
    return answer(records, []);
  }
  const { tasks: started, failures } = run();
  clientTokens.remember(clientToken, call, started.map(({ taskArn }) => taskArn), now());
  return answer(started, failures);
}

function runTasks(
  context: ApiContext,
  input: ApiInput<"RunTask">,
): { tasks: TaskRecord[]; failures: object[] } {
  const { count = 1, launchType = "EC2" } = input;
  if (count < 1 || count > MAX_STARTED) {
    throw invalidParameter(`count must be from 1 to ${MAX_STARTED}: current value is ${count}`);
  }
  checkLaunchType(launchType, input.capacityProviderStrategy);
  const rules = placementRules(input);
  const { cluster, definition, overrides, group, start } = checkRun(context, input, launchType);
  if (activeInstances(context, cluster).length === 0) {
    throw invalidParameter("No Container Instances were found in your cluster.");
  }
  const tasks: TaskRecord[] = [];
  const failures: object[] = [];
  for (let n = 0; n < count; n++) {
    const wanted = reservationFor(definition, overrides);
    const found = findPlace(context, cluster, wanted, rules, group);
    if ("instance" in found) {
      tasks.push(start(found.instance));
      continue;
    }
    // The next one would fail for the same reasons.
    failures.push(...found.failures);
    break;
  }
  return { tasks, failures };
}

/**
 * Refuses tasks that need no container instance.
 *
 * @throws {EcsApiError} If the launch type is another, or if there are capacity providers.
 */
export function checkLaunchType(
  launchType: string,
  capacityProviderStrategy: readonly unknown[] | undefined,
): void {
  if (capacityProviderStrategy !== undefined && capacityProviderStrategy.length > 0) {
    throw invalidParameter("The emulator has no capacity providers");
  }
  if (LAUNCH_TYPES.includes(launchType)) return;
  throw clientException(
    `The emulator runs tasks on container instances: launchType must be ${
      LAUNCH_TYPES.join(" or ")
    }`,
  );
}

function startTasks(context: ApiContext, input: ApiInput<"StartTask">): object {
  const { containerInstances: requested = [] } = input;
  if (requested.length < 1 || requested.length > MAX_STARTED) {
    throw invalidParameter(`A task can be started on 1 to ${MAX_STARTED} container instances`);
  }
  const { cluster, definition, overrides, start } = checkRun(context, input, "EC2");
  const wanted = reservationFor(definition, overrides);
  const tasks: object[] = [];
  const failures: object[] = [];
  for (const idOrArn of requested) {
    const instance = findInstance(context, cluster, idOrArn);
    const reason = instance === undefined
      ? "MISSING"
      : instance.status === "INACTIVE"
      ? "INACTIVE"
      : whyNot(candidateOf(context, instance), wanted);
    if (instance !== undefined && reason === undefined) {
      tasks.push(describeTask(context, start(instance)));
    } else failures.push({ arn: instance?.containerInstanceArn ?? idOrArn, reason });
  }
  return { tasks, failures };
}
