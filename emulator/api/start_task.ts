/**
 * Starts a task of a task definition on a container instance.
 *
 * @module
 */

import type { Tag } from "../ecs/tags.ts";
import type { TaskDefinition } from "../ecs/task_definitions.ts";
import type { TaskRecord } from "../ecs/task_record.ts";
import type { ApiContext } from "./api_context.ts";
import type { TaskOverride } from "./task_override.ts";
import { payloadTask } from "./task_payload.ts";
import { reservationFor } from "./task_size.ts";

/** A task to be started. */
export interface TaskStart {
  /** Its task definition. */
  readonly definition: TaskDefinition;
  /** The overrides of the task definition. */
  readonly overrides: TaskOverride;
  /** The name of its cluster. */
  readonly cluster: string;
  /** Its container instance. */
  readonly containerInstanceArn: string;
  /** The group that it belongs to. */
  readonly group: string;
  /** Who or what starts it. */
  readonly startedBy: string | undefined;
  /** `EC2` or `EXTERNAL`. */
  readonly launchType: string;
  /** The name of its service. */
  readonly serviceName?: string;
  /** Whether commands can be executed in it. */
  readonly enableExecuteCommand: boolean;
  /** Its tags. */
  readonly tags: readonly Tag[];
}

/** Sends the task to its agent. */
export function startTask(context: ApiContext, start: TaskStart): TaskRecord {
  const { clusters, entropy, region, tags, taskControl } = context;
  const { definition, overrides, cluster, containerInstanceArn } = start;
  const id = entropy.uuid().replaceAll("-", "");
  const taskArn = `${clusters.account}:task/${cluster}/${id}`;
  const payload = payloadTask(definition, overrides, region);
  const containers = (payload.containers ?? []).map((container) => ({
    ...container,
    containerArn: `${clusters.account}:container/${cluster}/${id}/${entropy.uuid()}`,
  }));
  const task = {
    ...payload,
    containers,
    arn: taskArn,
    taskClusterArn: clusters.arnOf(cluster),
    group: start.group,
    launchType: start.launchType,
    zone: `${region}a`,
    taskDefinitionAccountId: clusters.account.split(":")[4] ?? null,
    ...(start.serviceName !== undefined && { serviceName: start.serviceName }),
    ...roleCredentials(context, definition, overrides),
  };
  tags.add(taskArn, start.tags);
  return taskControl.start({
    task,
    containerInstanceArn,
    reservation: reservationFor(definition, overrides),
    request: {
      taskDefinitionArn: definition.taskDefinitionArn,
      startedBy: start.startedBy,
      launchType: start.launchType,
      overrides,
      enableExecuteCommand: start.enableExecuteCommand,
    },
  }).task;
}

/** Credentials of the roles that the task has. */
function roleCredentials(
  { taskControl }: ApiContext,
  { content }: TaskDefinition,
  overrides: TaskOverride,
): object {
  const taskRole = overrides.taskRoleArn ?? content.taskRoleArn;
  const executionRole = overrides.executionRoleArn ?? content.executionRoleArn;
  return {
    ...(taskRole && { roleCredentials: taskControl.credentialsOf(taskRole) }),
    ...(executionRole && { executionRoleCredentials: taskControl.credentialsOf(executionRole) }),
  };
}
