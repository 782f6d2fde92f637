/**
 * The credentials of the tasks on this container instance.
 *
 * @module
 */

import { LimitExceededError } from "../errors.ts";
import type { IAMRoleCredentials } from "../protocol/messages.ts";

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
  /**
   * Forgets all credentials of a task. The session calls it, where it exists, once the service has
   * said that the task has ended; a manager without it has to find out by itself.
   */
  removeTaskCredentials?(taskArn: string): void;
  /** Marks an id as known before its credentials arrive. */
  addKnownCredentialsId(credentialsId: string): void;
  /** Whether the id is known and its credentials have not arrived. */
  isCredentialsPending(credentialsId: string): boolean;
}

/** How much a {@linkcode MemoryCredentialsManager} keeps. */
export interface MemoryCredentialsManagerOptions {
  /**
   * How many ids, their credentials known or pending. Default 10,000, ours: two for each of far more
   * tasks than an instance holds.
   */
  readonly maxEntries?: number;
}

/**
 * Keeps credentials in memory. Its fields are private, so that printing it shows no secret.
 *
 * The session removes the credentials of a task once the service has said that the task has ended;
 * the agent may do so earlier, with `removeCredentials` or `removeTaskCredentials`. A full store
 * forgets credentials that have expired; if none have, it refuses new ones.
 */
export class MemoryCredentialsManager implements CredentialsManager {
  /** By id; `undefined` while they are pending. */
  readonly #credentials: Map<string, TaskIamRoleCredentials | undefined> = new Map();
  /** The ids of each task's credentials, by the task's ARN. */
  readonly #idsOfTasks: Map<string, Set<string>> = new Map();
  readonly #maxEntries: number;

  /**
   * Starts empty.
   *
   * @param options How much it keeps.
   * @throws {RangeError} If `maxEntries` is not a whole number of at least 1.
   */
  constructor(options: MemoryCredentialsManagerOptions = {}) {
    this.#maxEntries = options.maxEntries ?? 10_000;
    if (Number.isSafeInteger(this.#maxEntries) && this.#maxEntries >= 1) return;
    throw new RangeError(`The option maxEntries is ${this.#maxEntries}; it must be at least 1`);
  }

  /**
   * Stores credentials; see {@linkcode CredentialsManager.setTaskCredentials}.
   *
   * @throws {LimitExceededError} If it is full of credentials that have not expired.
   */
  setTaskCredentials(credentials: TaskIamRoleCredentials): void {
    const id = credentials.iamRoleCredentials.credentialsId;
    if (!id) {
      throw new RangeError(`The credentials for task ${credentials.arn} have no credentialsId`);
    }
    if (credentials.arn === "") throw new RangeError(`The credentials ${id} have no task ARN`);
    this.addKnownCredentialsId(id);
    this.#forgetTaskOf(id);
    this.#credentials.set(id, credentials);
    const ids = this.#idsOfTasks.get(credentials.arn) ?? new Set();
    this.#idsOfTasks.set(credentials.arn, ids.add(id));
  }

  /** The credentials with that id, if they have arrived. */
  getTaskCredentials(credentialsId: string): TaskIamRoleCredentials | undefined {
    return this.#credentials.get(credentialsId);
  }

  /** Forgets the id and its credentials. */
  removeCredentials(credentialsId: string): void {
    this.#forgetTaskOf(credentialsId);
    this.#credentials.delete(credentialsId);
  }

  /** Forgets all credentials of a task. */
  removeTaskCredentials(taskArn: string): void {
    for (const id of this.#idsOfTasks.get(taskArn) ?? []) this.removeCredentials(id);
  }

  /**
   * Marks an id as known before its credentials arrive.
   *
   * @throws {LimitExceededError} If it is full of credentials that have not expired.
   */
  addKnownCredentialsId(credentialsId: string): void {
    if (this.#credentials.has(credentialsId)) return;
    if (this.#credentials.size >= this.#maxEntries) this.#forgetExpired();
    if (this.#credentials.size >= this.#maxEntries) {
      throw new LimitExceededError(
        `Credentials of ${this.#credentials.size} roles are kept: call removeCredentials for tasks that` +
          " have ended",
        "maxEntries of MemoryCredentialsManager",
        this.#maxEntries,
      );
    }
    this.#credentials.set(credentialsId, undefined);
  }

  /** Whether the id is known and its credentials have not arrived. */
  isCredentialsPending(credentialsId: string): boolean {
    return this.#credentials.has(credentialsId) &&
      this.getTaskCredentials(credentialsId) === undefined;
  }

  /** Takes an id off the list of its task. */
  #forgetTaskOf(credentialsId: string): void {
    const arn = this.#credentials.get(credentialsId)?.arn;
    if (arn === undefined) return;
    const ids = this.#idsOfTasks.get(arn);
    ids?.delete(credentialsId);
    if (ids?.size === 0) this.#idsOfTasks.delete(arn);
  }

  #forgetExpired(): void {
    const now = Date.now();
    for (const [id, credentials] of this.#credentials) {
      const { expiration } = credentials?.iamRoleCredentials ?? {};
      if (Date.parse(expiration ?? "") < now) this.removeCredentials(id);
    }
  }
}
