/**
 * Credentials of tasks' roles. All keys are fake.
 *
 * @module
 */

import type {
  IAMRoleCredentials,
  IAMRoleCredentialsMessage,
  Task,
} from "../../protocol/messages.ts";
import type { Entropy } from "../entropy.ts";
import type { TaskRoleType } from "../samples/samples.ts";

/** How long credentials are valid, in ms: 6 h, as with the service's task roles. */
const LIFETIME_MS = 6 * 60 * 60 * 1000;

/** The field of a task with the credentials of each role. */
export const FIELD_OF_ROLE = {
  TaskApplication: "roleCredentials",
  TaskExecution: "executionRoleCredentials",
} as const satisfies Record<TaskRoleType, keyof Task>;

/** The roles that a task may have. */
const ROLE_TYPES: readonly TaskRoleType[] = ["TaskApplication", "TaskExecution"];

/**
 * Creates new keys.
 *
 * @param entropy The source of randomness.
 * @param now The current time, in ms since the epoch.
 * @param credentialsId The id, which stays the same when credentials are renewed.
 */
export function freshRoleCredentials(
  entropy: Entropy,
  now: number,
  credentialsId: string = entropy.uuid(),
): IAMRoleCredentials {
  const letters = () => entropy.uuid().replaceAll("-", "");
  return {
    credentialsId,
    accessKeyId: `ASIA${letters().slice(0, 16).toUpperCase()}`,
    secretAccessKey: `${letters()}${letters().slice(0, 8)}`,
    sessionToken: `EMULATED-${letters()}${letters()}`,
    // The service sends whole seconds.
    expiration: new Date(now + LIFETIME_MS).toISOString().replace(/\.\d+/, ""),
  };
}

/** The message with the credentials of one of a task's roles. */
export function credentialsMessage(
  { arn, taskClusterArn }: Task,
  roleType: TaskRoleType,
  roleCredentials: IAMRoleCredentials,
): IAMRoleCredentialsMessage {
  return {
    taskArn: arn ?? null,
    taskClusterArn: taskClusterArn ?? null,
    roleType,
    roleCredentials,
  };
}

/** The messages with a task's credentials. */
export function credentialsIn(task: Task): IAMRoleCredentialsMessage[] {
  return ROLE_TYPES.flatMap((roleType) => {
    const roleCredentials = task[FIELD_OF_ROLE[roleType]];
    return roleCredentials ? [credentialsMessage(task, roleType, roleCredentials)] : [];
  });
}
