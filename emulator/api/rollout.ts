/**
 * The next step of a service: which tasks to stop, and how many to start.
 *
 * @module
 */

import type { InstanceStatus } from "../ecs/container_instances.ts";
import type { ServiceRecord } from "../ecs/services.ts";
import { healthOf } from "../ecs/task_lifecycle.ts";
import type { TaskRecord } from "../ecs/task_record.ts";

/** The next step of a service. */
export interface RolloutStep {
  /** How many tasks of the primary deployment to start. */
  readonly start: number;
  /** The tasks to stop. */
  readonly stop: readonly TaskRecord[];
  /** Whether exactly the desired tasks run, and no others. */
  readonly isSteady: boolean;
  /** Whether a task of any deployment has not stopped. */
  readonly isLive: boolean;
}

/**
 * Compares a service with its tasks. During a deployment, while container instances drain, and if
 * health checks fail, tasks are replaced within the limits of `minimumHealthyPercent` and
 * `maximumPercent`.
 *
 * @param service The service.
 * @param tasks Its tasks that have not stopped.
 * @param statusOf The status of the container instance of a task.
 */
export function nextStep(
  service: ServiceRecord,
  tasks: readonly TaskRecord[],
  statusOf: (task: TaskRecord) => InstanceStatus | undefined,
): RolloutStep {
  const { deployments, minimumHealthyPercent, maximumPercent } = service;
  const desired = service.status === "ACTIVE" ? service.desiredCount : 0;
  const primary = deployments.find(({ status }) => status === "PRIMARY")?.id;
  // The service no longer watches the tasks of a deregistered instance.
  const watched = tasks.filter((task) => statusOf(task) !== "INACTIVE");
  const active = watched.filter(({ desiredStatus }) => desiredStatus === "RUNNING");
  const isCurrent = (task: TaskRecord) =>
    task.request?.startedBy === primary && statusOf(task) !== "DRAINING" &&
    healthOf(task) !== "UNHEALTHY";
  const current = active.filter(isCurrent);
  const replaced = active.filter((task) => !isCurrent(task));
  const isRunning = ({ lastStatus }: TaskRecord) => lastStatus === "RUNNING";

  const most = Math.max(Math.floor(desired * maximumPercent / 100), 0);
  const least = Math.ceil(desired * minimumHealthyPercent / 100);
  const start = Math.max(0, Math.min(desired - current.length, most - active.length));

  const surplus = pendingFirst(current).slice(0, Math.max(0, current.length - desired));
  const spare = Math.max(
    0,
    active.filter(isRunning).length - surplus.filter(isRunning).length - least,
  );
  const running = replaced.filter(isRunning);
  const stop = [
    ...surplus,
    ...replaced.filter((task) => !isRunning(task)),
    ...running.slice(0, spare),
  ];
  const isSteady = watched.length === desired && current.filter(isRunning).length === desired;
  return { start, stop, isSteady, isLive: watched.length > 0 };
}

/** Those that do not run yet first, then the newest. */
function pendingFirst(tasks: readonly TaskRecord[]): readonly TaskRecord[] {
  const rank = ({ lastStatus, times }: TaskRecord) =>
    lastStatus === "RUNNING" ? -times.createdAt : -Infinity;
  return [...tasks].sort((one, other) => {
    const [a, b] = [rank(one), rank(other)];
    return a === b ? 0 : a - b;
  });
}
