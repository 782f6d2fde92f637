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
  /**
   * How much memory ids and credentials may take, in bytes: estimated, and never too low. Default
   * 16 MiB, ours: some thousands of credentials as the service sends them. The session's own store has
   * a tenth of `limits.maxHeldBytes`.
   */
  readonly maxBytes?: number;
}

const MIB = 1024 * 1024;

const OPTION_NAMES: OptionNames<MemoryCredentialsManagerOptions> = {
  maxEntries: true,
  maxBytes: true,
};

const COUNT = { min: 1, max: Number.MAX_SAFE_INTEGER, integer: true };

/** What an id takes beside its characters: its places in two maps and a set. */
const ENTRY_BYTES = 256;

interface Entry {
  /** Missing while they are pending. */
  readonly credentials?: TaskIamRoleCredentials;
  /** What both take, in bytes. */
  readonly bytes: number;
}

/**
 * Keeps credentials in memory. Its fields are private, so that printing it shows no secret.
 *
 * The session removes the credentials of a task once the service has said that the task has ended;
 * the agent may do so earlier, with `removeCredentials` or `removeTaskCredentials`. A full store
 * forgets credentials that have expired; if none have, it refuses new ones.
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
   * Starts empty.
   *
   * @param options How much it keeps.
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

  /** Forgets the id and its credentials. */
  removeCredentials(credentialsId: string): void {
    this.#forgetTaskOf(credentialsId);
    this.#bytes -= this.#entries.get(credentialsId)?.bytes ?? 0;
    this.#entries.delete(credentialsId);
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

  /** Makes room, if there is none, by forgetting what has expired. */
  #requireRoom(id: string, bytes: number): void {
    if (this.#excess(id, bytes) === undefined) return;
    this.#forgetExpired();
    const excess = this.#excess(id, bytes);
    if (excess === undefined) return;
    throw new LimitExceededError(
      `Credentials of ${this.#entries.size} roles are kept, in ${this.#bytes} bytes, and there is no room ` +
        `for ${bytes} more: call removeCredentials for tasks that have ended`,
      `${excess} of MemoryCredentialsManager`,
      excess === "maxEntries" ? this.#maxEntries : this.#maxBytes,
    );
  }

  /** Which limit an entry would exceed. */
  #excess(id: string, bytes: number): "maxEntries" | "maxBytes" | undefined {
    const known = this.#entries.get(id);
    if (known === undefined && this.#entries.size >= this.#maxEntries) return "maxEntries";
    return this.#bytes + bytes - (known?.bytes ?? 0) > this.#maxBytes ? "maxBytes" : undefined;
  }

  /** Takes an id off the list of its task. */
  #forgetTaskOf(credentialsId: string): void {
    const arn = this.getTaskCredentials(credentialsId)?.arn;
    if (arn === undefined) return;
    const ids = this.#idsOfTasks.get(arn);
    ids?.delete(credentialsId);
    if (ids?.size === 0) this.#idsOfTasks.delete(arn);
  }

  #forgetExpired(): void {
    const now = Date.now();
    for (const [id, { credentials }] of this.#entries) {
      const { expiration } = credentials?.iamRoleCredentials ?? {};
      if (Date.parse(expiration ?? "") < now) this.removeCredentials(id);
    }
  }
}

function entryBytes(id: string): number {
  return ENTRY_BYTES + heldBytes(id);
}
