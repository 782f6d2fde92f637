/**
 * A task in the form of the API's answers.
 *
 * @module
 */

import { healthOf } from "../ecs/task_lifecycle.ts";
import type { TaskContainer, TaskRecord } from "../ecs/task_record.ts";
import type { ApiContext } from "./api_context.ts";
import { present, seconds } from "./present.ts";

/**
 * Describes a task.
 *
 * @param context What the operation works on.
 * @param record The task.
 * @param withTags Whether to include its tags.
 */
export function describeTask(context: ApiContext, record: TaskRecord, withTags = true): object {
  const { task, taskArn, containerInstanceArn, request, reservation, times } = record;
  const { desiredStatus, lastStatus, version, stopCode, stoppedReason } = record;
  const { account } = context.clusters;
  const health = healthOf(record);
  const isConnected = containerInstanceArn !== undefined &&
    context.isConnected(containerInstanceArn);
  return present({
    taskArn,
    clusterArn: task.taskClusterArn,
    taskDefinitionArn: request?.taskDefinitionArn ??
      `${account}:task-definition/${task.family}:${task.version}`,
    containerInstanceArn,
    availabilityZone: task.zone,
    overrides: {
      containerOverrides: [],
      inferenceAcceleratorOverrides: [],
      ...Object(request?.overrides),
    },
    lastStatus,
    desiredStatus,
    cpu: String(reservation.cpu),
    memory: String(reservation.memory),
    containers: record.containers.map((container) => describeContainer(record, container)),
    group: task.group,
    launchType: request?.launchType ?? task.launchType,
    startedBy: request?.startedBy,
    version,
    stopCode,
    stoppedReason,
    healthStatus: health,
    connectivity: isConnected ? "CONNECTED" : "DISCONNECTED",
    attachments: record.attachments.map(({ attachmentArn, status }) => ({
      id: attachmentArn.slice(attachmentArn.lastIndexOf("/") + 1),
      type: "ElasticNetworkInterface",
      status,
      details: [],
    })),
    attributes: [],
    enableExecuteCommand: request?.enableExecuteCommand ?? false,
    ...Object.fromEntries(
      Object.entries(times).map(([name, at]) => [name, at === undefined ? undefined : seconds(at)]),
    ),
    tags: withTags ? context.tags.of(taskArn) : [],
  });
}

function describeContainer(record: TaskRecord, container: TaskContainer): object {
  const { taskArn, task, lastStatus } = record;
  const { name, containerArn, exitCode, reason, runtimeId, imageDigest } = container;
  const definition = task.containers?.find((one) => one?.name === name);
  return present({
    containerArn,
    taskArn,
    name,
    image: definition?.image,
    imageDigest,
    runtimeId,
    lastStatus: lastStatus === "STOPPED" ? "STOPPED" : container.lastStatus,
    exitCode,
    reason,
    networkBindings: (container.networkBindings ?? []).map(present),
    networkInterfaces: [],
    healthStatus: container.healthStatus ?? "UNKNOWN",
    cpu: String(definition?.cpu ?? 0),
    memory: definition?.memory ? String(definition.memory) : undefined,
  });
}
