/**
 * Holds credentials messages until the earlier payloads that name their task have been handled. A
 * payload contains older credentials, and the agent does not know the task before it has accepted
 * the payload.
 *
 * @module
 */

import type { Lane, LaneLimits } from "./lane.ts";
import type { MessageJob } from "./message_job.ts";

/** With more names of rejected messages than this, all are rejected: the peer chooses the names. */
const MAX_REFUSED_NAMES = 1000;

/** Holds credentials messages behind payloads. */
export class HeldCredentials {
  readonly #bounds: LaneLimits;
  /** In order of arrival. */
  readonly #held: Set<MessageJob> = new Set();
  readonly #byKey: Map<string, MessageJob> = new Map();
  /** The messages that each payload holds back, and whether any was rejected. */
  readonly #behind: Map<MessageJob, HeldBehindPayload> = new Map();
  /** The names of the messages that were rejected on the current connection. */
  #refusedNames: Set<string> = new Set();
  #size = 0;
  #bytes = 0;

  /**
   * Creates an empty store.
   *
   * @param bounds How much may be held, for all payloads together.
   */
  constructor(bounds: LaneLimits) {
    this.#bounds = bounds;
  }

  /** The number of held messages. */
  get count(): number {
    return this.#held.size;
  }

  /** The size of their frames, in characters. */
  get size(): number {
    return this.#size;
  }

  /** The message that has been held longest, if there is one. */
  get oldest(): MessageJob | undefined {
    const [oldest] = this.#held;
    return oldest;
  }

  /** Whether a message was rejected on the current connection. */
  get isRefusing(): boolean {
    return this.#refusedNames.size > 0;
  }

  /** The held message with that key, if there is one. */
  find(key: string): MessageJob | undefined {
    // A lookup computes the hash of the key, and usually there is nothing to find.
    return this.#byKey.size === 0 ? undefined : this.#byKey.get(key);
  }

  /** Whether an earlier message of the same task was rejected on the current connection. */
  isBehindRefused(credentials: MessageJob): boolean {
    if (this.#refusedNames.size === 0) return false;
    if (this.#refusedNames.size >= MAX_REFUSED_NAMES) return true;
    return namesOfCredentials(credentials).some((name) => this.#refusedNames.has(name));
  }

  /**
   * Holds a message until {@linkcode HeldCredentials.release} is called for the payload.
   *
   * @returns `false` if too much is held: the message was rejected.
   */
  hold(credentials: MessageJob, payload: MessageJob): boolean {
    const behind = this.#behind.get(payload) ?? { jobs: [], refused: false };
    this.#behind.set(payload, behind);
    const { maxMessages, maxSize, maxBytes } = this.#bounds;
    credentials.measure();
    const isFull = this.#held.size >= maxMessages ||
      this.#size + credentials.size > maxSize || this.#bytes + credentials.bytes > maxBytes;
    if (isFull) {
      behind.refused = true;
      for (const name of namesOfCredentials(credentials)) this.#refusedNames.add(name);
      return false;
    }
    behind.jobs.push(credentials);
    this.#held.add(credentials);
    if (credentials.key !== undefined) this.#byKey.set(credentials.key, credentials);
    this.#size += credentials.size;
    this.#bytes += credentials.bytes;
    return true;
  }

  /** Releases what is held behind a payload that has been handled. */
  release(payload: MessageJob): HeldBehindPayload | undefined {
    if (this.#behind.size === 0) return undefined;
    const behind = this.#behind.get(payload);
    this.#behind.delete(payload);
    for (const job of behind?.jobs ?? []) this.#remove(job);
    return behind;
  }

  /** On a new connection the service resends what was rejected on the one before. */
  connected(): void {
    this.#refusedNames = new Set();
    for (const behind of this.#behind.values()) behind.refused = false;
  }

  /** Removes all messages, and returns them. */
  clear(): MessageJob[] {
    const held = [...this.#held];
    this.#behind.clear();
    for (const job of held) this.#remove(job);
    return held;
  }

  #remove(job: MessageJob): void {
    this.#held.delete(job);
    if (job.key !== undefined) this.#byKey.delete(job.key);
    this.#size -= job.size;
    this.#bytes -= job.bytes;
  }
}

/** The messages that a payload holds back. */
export interface HeldBehindPayload {
  /** The messages, in order of arrival. */
  readonly jobs: MessageJob[];
  /** Whether more arrived on the current connection than could be held. */
  refused: boolean;
}

/** The names that a payload may use for the task of a credentials message. */
function namesOfCredentials({ received }: MessageJob): string[] {
  if (received.type !== "IAMRoleCredentialsMessage") return [];
  const { taskArn, roleCredentials } = received.message;
  const names: string[] = [];
  if (taskArn) names.push(taskArn);
  if (roleCredentials?.credentialsId) names.push(roleCredentials.credentialsId);
  return names;
}

/**
 * The payload that has to be handled before credentials: the newest one in its lane that names their
 * task or their id.
 *
 * @returns `undefined` if the credentials can be handled now.
 */
export function payloadBefore(
  credentials: MessageJob,
  payloads: Lane<MessageJob>,
): MessageJob | undefined {
  const names = namesOfCredentials(credentials);
  return payloads.findLast((job) => {
    const namesOfPayload = namesOf(job);
    return names.some((name) => namesOfPayload.has(name));
  });
}

/** Collected once per payload, and only if credentials arrive before it has been handled. */
const namesOfPayloads: WeakMap<MessageJob, ReadonlySet<string>> = new WeakMap();

const NO_NAMES: ReadonlySet<string> = new Set();

function namesOf(job: MessageJob): ReadonlySet<string> {
  if (job.received.type !== "PayloadMessage") return NO_NAMES;
  const known = namesOfPayloads.get(job);
  if (known !== undefined) return known;
  const names = new Set<string>();
  for (const task of job.received.message.tasks ?? []) {
    if (task?.arn) names.add(task.arn);
    if (task?.roleCredentials?.credentialsId) names.add(task.roleCredentials.credentialsId);
    const executionId = task?.executionRoleCredentials?.credentialsId;
    if (executionId) names.add(executionId);
  }
  namesOfPayloads.set(job, names);
  return names;
}
