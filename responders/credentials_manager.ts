/**
 * The credentials of the tasks on this container instance.
 *
 * @module
 */

import type { IAMRoleCredentials } from "../wsclient/messages.ts";

/** Whom credentials are for: the task's containers, or the agent on the task's behalf. */
export type RoleType = "TaskApplication" | "TaskExecution";

/** Credentials of one role of one task. */
export interface TaskIamRoleCredentials {
  /** The task's ARN. */
  readonly arn: string;
  /** Whom they are for. */
  readonly roleType: RoleType;
  /** The credentials as received. */
  readonly iamRoleCredentials: IAMRoleCredentials;
}

/** Stores credentials of tasks by their id. */
export interface CredentialsManager {
  /**
   * Stores credentials, in place of earlier ones with the same id.
   *
   * @throws {RangeError} If the id or the task's ARN is empty.
   */
  setTaskCredentials(credentials: TaskIamRoleCredentials): void | Promise<void>;
  /** The credentials with that id, if they have arrived. */
  getTaskCredentials(credentialsId: string): TaskIamRoleCredentials | undefined;
  /** Forgets the id and its credentials. */
  removeCredentials(credentialsId: string): void;
  /** Marks an id as known before its credentials arrive. */
  addKnownCredentialsId(credentialsId: string): void;
  /** Whether the id is known and its credentials have not arrived. */
  isCredentialsPending(credentialsId: string): boolean;
}

/** Keeps credentials in memory. Its fields are private, so that printing it shows no secret. */
export class MemoryCredentialsManager implements CredentialsManager {
  readonly #credentials: Map<string, TaskIamRoleCredentials> = new Map();
  readonly #knownIds: Set<string> = new Set();

  /** Stores credentials; see {@linkcode CredentialsManager.setTaskCredentials}. */
  setTaskCredentials(credentials: TaskIamRoleCredentials): void {
    const id = credentials.iamRoleCredentials.credentialsId;
    if (!id) {
      throw new RangeError(`The credentials for task ${credentials.arn} have no credentialsId`);
    }
    if (credentials.arn === "") throw new RangeError(`The credentials ${id} have no task ARN`);
    this.#credentials.set(id, credentials);
    this.#knownIds.add(id);
  }

  /** The credentials with that id, if they have arrived. */
  getTaskCredentials(credentialsId: string): TaskIamRoleCredentials | undefined {
    return this.#credentials.get(credentialsId);
  }

  /** Forgets the id and its credentials. */
  removeCredentials(credentialsId: string): void {
    this.#credentials.delete(credentialsId);
    this.#knownIds.delete(credentialsId);
  }

  /** Marks an id as known before its credentials arrive. */
  addKnownCredentialsId(credentialsId: string): void {
    this.#knownIds.add(credentialsId);
  }

  /** Whether the id is known and its credentials have not arrived. */
  isCredentialsPending(credentialsId: string): boolean {
    return this.#knownIds.has(credentialsId) && !this.#credentials.has(credentialsId);
  }
}
