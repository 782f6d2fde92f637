/**
 * The event of a changed task.
 *
 * @module
 */

import type { TaskStateDetail } from "../events.ts";
import { healthOf } from "./task_lifecycle.ts";
import type { TaskRecord } from "./task_record.ts";

/** Describes a task that has changed, without the contents of its payload. */
export function taskStateChange(task: TaskRecord): TaskStateDetail {
  return {
    taskArn: task.taskArn,
    containerInstanceArn: task.containerInstanceArn ?? "",
    desiredStatus: task.desiredStatus,
    lastStatus: task.lastStatus,
    healthStatus: healthOf(task),
    stopCode: task.stopCode,
    stoppedReason: task.stoppedReason,
    containers: task.containers.map(({ name, lastStatus, exitCode, reason }) => ({
      name,
      lastStatus,
      exitCode,
      reason,
    })),
  };
}
