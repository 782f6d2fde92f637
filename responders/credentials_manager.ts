/**
 * The credentials of the tasks on this container instance.
 *
 * @module
 */

import { LimitExceededError } from "../errors.ts";
import { heldBytes } from "../internal/held_bytes.ts";
import { checkNumber } from "../internal/number_option.ts";
import { checkOptionNames, type OptionNames } from "../internal/option_names.ts";
import type { IAMRoleCredentials } from "../protocol/messages.ts";

/** The role the credentials belong to: the task's containers, or the agent acting for the task. */
export type RoleType = "TaskApplication" | "TaskExecution";

/** Credentials of one role of one task. */
export interface TaskIamRoleCredentials {
  /** The task's ARN. */
  readonly arn: string;
  /** The role they belong to. */
  readonly roleType: RoleType;
  /** The credentials, unchanged. */
  readonly iamRoleCredentials: IAMRoleCredentials;
}

/** Stores credentials of tasks by their id. */
export interface CredentialsManager {
  /**
   * Stores credentials, replacing earlier ones with the same id.
   *
   * @throws {RangeError} If the id or the task's ARN is empty.
   */
  setTaskCredentials(credentials: TaskIamRoleCredentials): void | Promise<void>;
  /** The credentials with that id, if they have arrived. */
  getTaskCredentials(credentialsId: string): TaskIamRoleCredentials | undefined;
  /** Removes the id and its credentials. */
  removeCredentials(credentialsId: string): void;
  /**
   * Removes all credentials of a task. If the method exists, the session calls it once the service
   * has said that the task has ended; a manager without it has to detect that itself.
   */
  removeTaskCredentials?(taskArn: string): void;
  /** Marks an id as known before its credentials arrive. */
  addKnownCredentialsId(credentialsId: string): void;
  /** Whether the id is known and its credentials have not arrived. */
  isCredentialsPending(credentialsId: string): boolean;
}

/** The capacity of a {@linkcode MemoryCredentialsManager}. */
export interface MemoryCredentialsManagerOptions {
  /**
   * Maximum number of ids, whether their credentials are known or pending. Default 10,000, not in
   * the reference: two for each of far more tasks than an instance runs.
   */
  readonly maxEntries?: number;
  /**
   * Maximum memory for ids and credentials, in bytes: an estimate that is never too low. Default 16
   * MiB, not in the reference: a few thousand credentials as the service sends them. The session's
   * own store has a tenth of `limits.maxHeldBytes`.
   */
  readonly maxBytes?: number;
}

const MIB = 1024 * 1024;

const OPTION_NAMES: OptionNames<MemoryCredentialsManagerOptions> = {
  maxEntries: true,
  maxBytes: true,
};

const COUNT = { min: 1, max: Number.MAX_SAFE_INTEGER, integer: true };

/** The memory an id occupies besides its characters: its entries in two maps and a set. */
const ENTRY_BYTES = 256;

interface Entry {
  /** Missing while they are pending. */
  readonly credentials?: TaskIamRoleCredentials;
  /** The memory that both occupy, in bytes. */
  readonly bytes: number;
}

/**
 * Stores credentials in memory. Its fields are private, so that printing it shows no secret.
 *
 * The session removes the credentials of a task once the service has said that the task has ended;
 * the agent may do so earlier, with `removeCredentials` or `removeTaskCredentials`. A full store
 * removes those that expired first, until there is room for new ones; if none have expired, it
 * refuses new ones.
 */
export class MemoryCredentialsManager implements CredentialsManager {
  /** By id. */
  readonly #entries: Map<string, Entry> = new Map();
  /** The ids of each task's credentials, by the task's ARN. */
  readonly #idsOfTasks: Map<string, Set<string>> = new Map();
  readonly #maxEntries: number;
  readonly #maxBytes: number;
  #bytes = 0;

  /**
   * Creates an empty store.
   *
   * @param options Its capacity.
   * @throws {RangeError} If an option is not a whole number of at least 1.
   */
  constructor(options: MemoryCredentialsManagerOptions = {}) {
    checkOptionNames(options, OPTION_NAMES, "");
    this.#maxEntries = checkNumber("maxEntries", options.maxEntries ?? 10_000, COUNT);
    this.#maxBytes = checkNumber("maxBytes", options.maxBytes ?? 16 * MIB, COUNT);
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
    const bytes = entryBytes(id) + heldBytes(credentials, this.#maxBytes + 1);
    this.#requireRoom(id, bytes);
    this.#forgetTaskOf(id);
    this.#set(id, { credentials, bytes });
    const ids = this.#idsOfTasks.get(credentials.arn) ?? new Set();
    this.#idsOfTasks.set(credentials.arn, ids.add(id));
  }

  /** The credentials with that id, if they have arrived. */
  getTaskCredentials(credentialsId: string): TaskIamRoleCredentials | undefined {
    return this.#entries.get(credentialsId)?.credentials;
  }

  /** Removes the id and its credentials. */
  removeCredentials(credentialsId: string): void {
    this.#forgetTaskOf(credentialsId);
    this.#bytes -= this.#entries.get(credentialsId)?.bytes ?? 0;
    this.#entries.delete(credentialsId);
  }

  /** Removes all credentials of a task. */
  removeTaskCredentials(taskArn: string): void {
    for (const id of this.#idsOfTasks.get(taskArn) ?? []) this.removeCredentials(id);
  }

  /**
   * Marks an id as known before its credentials arrive.
   *
   * @throws {LimitExceededError} If it is full of credentials that have not expired.
   */
  addKnownCredentialsId(credentialsId: string): void {
    if (this.#entries.has(credentialsId)) return;
    const bytes = entryBytes(credentialsId);
    this.#requireRoom(credentialsId, bytes);
    this.#set(credentialsId, { bytes });
  }

  /** Whether the id is known and its credentials have not arrived. */
  isCredentialsPending(credentialsId: string): boolean {
    const entry = this.#entries.get(credentialsId);
    return entry !== undefined && entry.credentials === undefined;
  }

  #set(id: string, entry: Entry): void {
    this.#bytes += entry.bytes - (this.#entries.get(id)?.bytes ?? 0);
    this.#entries.set(id, entry);
  }

  /** Makes room, if there is none, by removing expired credentials. */
  #requireRoom(id: string, bytes: number): void {
    if (this.#excess(id, bytes) === undefined) return;
    this.#forgetExpired(() => this.#excess(id, bytes) === undefined);
    const excess = this.#excess(id, bytes);
    if (excess === undefined) return;
    throw new LimitExceededError(
      `The store of credentials is full: it has ${this.#entries.size} entries of ` +
        `${this.#bytes} bytes, and there is no room for ${bytes} more: call removeCredentials ` +
        "for tasks that have ended",
      `${excess} of MemoryCredentialsManager`,
      excess === "maxEntries" ? this.#maxEntries : this.#maxBytes,
    );
  }

  /** The limit that an entry would exceed. */
  #excess(id: string, bytes: number): "maxEntries" | "maxBytes" | undefined {
    const known = this.#entries.get(id);
    if (known === undefined && this.#entries.size >= this.#maxEntries) return "maxEntries";
    return this.#bytes + bytes - (known?.bytes ?? 0) > this.#maxBytes ? "maxBytes" : undefined;
  }

  /** Removes an id from the list of its task. */
  #forgetTaskOf(credentialsId: string): void {
    const arn = this.getTaskCredentials(credentialsId)?.arn;
    if (arn === undefined) return;
    const ids = this.#idsOfTasks.get(arn);
    ids?.delete(credentialsId);
    if (ids?.size === 0) this.#idsOfTasks.delete(arn);
  }

  /**
   * Removes the credentials that expired first, until there is room: if the clock is wrong, those of
   * running tasks are the last ones.
   */
  #forgetExpired(hasRoom: () => boolean): void {
    const now = Date.now();
    const expired: { readonly id: string; readonly at: number }[] = [];
    for (const [id, { credentials }] of this.#entries) {
      const at = Date.parse(credentials?.iamRoleCredentials.expiration ?? "");
      if (at < now) expired.push({ id, at });
    }
    expired.sort((one, other) => one.at - other.at);
    for (const { id } of expired) {
      if (hasRoom()) return;
      this.removeCredentials(id);
    }
  }
}

function entryBytes(id: string): number {
  return ENTRY_BYTES + heldBytes(id);
}
