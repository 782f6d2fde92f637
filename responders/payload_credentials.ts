/**
 * The credentials that tasks bring with their payload: stored before the agent handles the payload,
 * acknowledged with it, and removed when their task has ended.
 *
 * @module
 */

import type {
  IAMRoleCredentials,
  IAMRoleCredentialsAckRequest,
  PayloadMessage,
} from "../protocol/messages.ts";
import { ignoreRejection } from "../internal/ignore_rejection.ts";
import { hasNewer } from "./newer_credentials.ts";
import type { Task } from "../protocol/task.ts";
import type {
  CredentialsManager,
  RoleType,
  TaskIamRoleCredentials,
} from "./credentials_manager.ts";
import { InvalidMessageError } from "./invalid_message_error.ts";
import type { StoppedTasks } from "./stopped_tasks.ts";

/** Credentials from a payload; they have an id and a task. */
interface PayloadCredentials extends TaskIamRoleCredentials {
  /** Their id. */
  readonly credentialsId: string;
}

/**
 * The credentials of all tasks of a payload.
 *
 * @throws {InvalidMessageError} If credentials have no id, or belong to a task without an ARN; the
 * reference agent does not acknowledge such a payload either.
 */
function credentialsIn(payload: PayloadMessage): PayloadCredentials[] {
  const found: PayloadCredentials[] = [];
  for (const task of payload.tasks ?? []) {
    if (task === null) continue;
    add(found, task, "TaskApplication", task.roleCredentials);
    add(found, task, "TaskExecution", task.executionRoleCredentials);
  }
  return found;
}

const FIELDS: Readonly<Record<RoleType, string>> = {
  TaskApplication: "roleCredentials",
  TaskExecution: "executionRoleCredentials",
};

function add(
  found: PayloadCredentials[],
  { arn }: Task,
  roleType: RoleType,
  iamRoleCredentials: IAMRoleCredentials | null | undefined,
): void {
  if (iamRoleCredentials === null || iamRoleCredentials === undefined) return;
  const { credentialsId } = iamRoleCredentials;
  if (!credentialsId) {
    throw new InvalidMessageError(
      `a task's ${FIELDS[roleType]} have no credentialsId`,
      "credentialsId",
    );
  }
  if (!arn) throw new InvalidMessageError(`a task with ${FIELDS[roleType]} has no arn`, "arn");
  found.push({ arn, roleType, iamRoleCredentials, credentialsId });
}

/** Of a payload without credentials, like most of them. */
const NO_ACKS: readonly IAMRoleCredentialsAckRequest[] = [];

/**
 * Stores the credentials of all tasks of a payload. Stored ones that expire later are kept: a
 * redelivered payload contains its old ones. Those of stopped tasks are not stored: the service may
 * redeliver the payload that started a task after the one that stopped it.
 *
 * @param payload The payload.
 * @param manager The store.
 * @param stoppedTasks The tasks that were stopped.
 * @returns Their acknowledgements, one per id; a promise only if the manager returned one.
 * @throws {InvalidMessageError} If credentials have no id or their task has no ARN.
 * @throws Whatever the manager throws when it refuses them.
 */
export function storePayloadCredentials(
  payload: PayloadMessage,
  manager: CredentialsManager,
  stoppedTasks?: StoppedTasks,
): readonly IAMRoleCredentialsAckRequest[] | Promise<readonly IAMRoleCredentialsAckRequest[]> {
  const all = credentialsIn(payload);
  if (all.length === 0) return NO_ACKS;
  const pending: PromiseLike<void>[] = [];
  try {
    for (const { arn, roleType, iamRoleCredentials, credentialsId } of all) {
      if (stoppedTasks?.has(arn)) continue;
      if (hasNewer(manager, credentialsId, iamRoleCredentials)) continue;
      const set = manager.setTaskCredentials({ arn, roleType, iamRoleCredentials });
      if (set !== undefined) pending.push(set);
    }
  } catch (error) {
    for (const each of pending) void ignoreRejection(each);
    throw error;
  }
  const acks = all.map(({ credentialsId, iamRoleCredentials: { expiration } }) => ({
    messageId: payload.messageId,
    credentialsId,
    expiration,
  }));
  return pending.length === 0 ? acks : Promise.all(pending).then(() => acks);
}

/** The tasks that a payload wants stopped, by their ARNs. */
export function stoppedTasksOf(payload: PayloadMessage): string[] {
  const stopped: string[] = [];
  for (const task of payload.tasks ?? []) {
    if (task?.desiredStatus === "STOPPED" && task.arn) stopped.push(task.arn);
  }
  return stopped;
}

/**
 * Removes the credentials of tasks. Called once the payload that stops them has been acknowledged:
 * from then on the service relies on the agent to stop them.
 *
 * @param taskArns The tasks' ARNs.
 * @param manager The store.
 * @throws {AggregateError} If the manager fails for some of them; it is called for all.
 */
export async function removeTasksCredentials(
  taskArns: readonly string[],
  manager: CredentialsManager,
): Promise<void> {
  const removals = taskArns.map(async (taskArn) => await manager.removeTaskCredentials?.(taskArn));
  const results = await Promise.allSettled(removals);
  const errors = results.flatMap((result) => result.status === "rejected" ? [result.reason] : []);
  if (errors.length === 0) return;
  throw new AggregateError(errors, `could not remove the credentials of ${errors.length} tasks`);
}
