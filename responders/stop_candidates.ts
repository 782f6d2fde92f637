/**
 * Checks the tasks that a task comparer found, before they are sent to be verified.
 *
 * @module
 */

import { describeType } from "../internal/describe_type.ts";
import type { TaskIdentifier } from "../protocol/messages.ts";

/** No instance runs more tasks. Our choice: ECS itself allows a few hundred. */
const MAX_TASKS = 100_000;

/**
 * Checks what a task comparer returned, before the manifest is acknowledged.
 *
 * @param returned What it returned; nothing counts as no task, and empty entries are skipped.
 * @returns The tasks with the fields that the service knows: a comparer may return its own tasks,
 * which have further, possibly secret fields.
 * @throws {TypeError} If it is not a list of tasks, each with its ARN.
 */
export function stopCandidatesOf(returned: unknown): TaskIdentifier[] {
  if (returned === undefined || returned === null) return [];
  if (!Array.isArray(returned)) {
    throw new TypeError(
      `the task comparer returned ${describeType(returned)}: return an array of tasks, or nothing`,
    );
  }
  if (returned.length > MAX_TASKS) {
    throw new TypeError(
      `the task comparer returned ${returned.length} tasks, more than an instance can run`,
    );
  }
  const entries: unknown[] = returned;
  return entries.filter((entry) => entry !== undefined && entry !== null).map(identifierOf);
}

function identifierOf(entry: unknown): TaskIdentifier {
  const { taskArn, taskClusterArn, desiredStatus } = Object(entry);
  if (typeof taskArn !== "string" || taskArn === "") {
    throw new TypeError(
      `the task comparer returned ${describeType(entry)} without a taskArn among the tasks`,
    );
  }
  return {
    taskArn,
    ...(typeof taskClusterArn === "string" && { taskClusterArn }),
    ...(typeof desiredStatus === "string" && { desiredStatus }),
  };
}
