/**
 * Credentials messages that wait until the payloads that name their task, and arrived before them,
 * have been handled. A payload brings credentials of its own, older ones, and only the agent that has
 * taken it knows the task.
 *
 * @module
 */

import type { Lane, LaneLimits } from "./lane.ts";
import type { MessageJob } from "./message_job.ts";

/** Beyond so many names of refused messages all are refused: names are the peer's, of any number. */
const MAX_REFUSED_NAMES = 1000;

/** Holds credentials messages behind payloads. */
export class HeldCredentials {
  readonly #bounds: LaneLimits;
  /** In the order of their arrival. */
  readonly #held: Set<MessageJob> = new Set();
  readonly #byKey: Map<string, MessageJob> = new Map();
  /** What each payload holds back, and whether it was too much. */
  readonly #behind: Map<MessageJob, HeldBehindPayload> = new Map();
  /** Whose credentials take nothing more on this connection: an earlier message was refused. */
  #refusedNames: Set<string> = new Set();
  #size = 0;
  #bytes = 0;

  /**
   * Holds nothing at first.
   *
   * @param bounds How much is held at most, for all payloads together.
   */
  constructor(bounds: LaneLimits) {
    this.#bounds = bounds;
  }

  /** How many messages are held. */
  get count(): number {
    return this.#held.size;
  }

  /** The length of their frames, in characters. */
  get size(): number {
    return this.#size;
  }

  /** The one that has been held longest, if there is one. */
  get oldest(): MessageJob | undefined {
    const [oldest] = this.#held;
    return oldest;
  }

  /** Whether a message was refused on this connection. */
  get isRefusing(): boolean {
    return this.#refusedNames.size > 0;
  }

  /** The held message with that key, if there is one. */
  find(key: string): MessageJob | undefined {
    // A lookup computes the hash of the key, and usually there is nothing to find.
    return this.#byKey.size === 0 ? undefined : this.#byKey.get(key);
  }

  /** Whether an earlier message of the same task was refused on this connection. */
  isBehindRefused(credentials: MessageJob): boolean {
    if (this.#refusedNames.size === 0) return false;
    if (this.#refusedNames.size >= MAX_REFUSED_NAMES) return true;
    return namesOfCredentials(credentials).some((name) => this.#refusedNames.has(name));
  }

  /**
   * Holds a message until {@linkcode HeldCredentials.release} is called for the payload.
   *
   * @returns `false` if too much is held: the message was refused.
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

  /** Lets go of what is held behind a payload that has been handled. */
  release(payload: MessageJob): HeldBehindPayload | undefined {
    if (this.#behind.size === 0) return undefined;
    const behind = this.#behind.get(payload);
    this.#behind.delete(payload);
    for (const job of behind?.jobs ?? []) this.#forget(job);
    return behind;
  }

  /** A new connection brings again what was refused on the one before. */
  connected(): void {
    this.#refusedNames = new Set();
    for (const behind of this.#behind.values()) behind.refused = false;
  }

  /** Forgets what is held, and returns it. */
  clear(): MessageJob[] {
    const held = [...this.#held];
    this.#behind.clear();
    for (const job of held) this.#forget(job);
    return held;
  }

  #forget(job: MessageJob): void {
    this.#held.delete(job);
    if (job.key !== undefined) this.#byKey.delete(job.key);
    this.#size -= job.size;
    this.#bytes -= job.bytes;
  }
}

/** What a payload holds back. */
export interface HeldBehindPayload {
  /** The messages, in the order of their arrival. */
  readonly jobs: MessageJob[];
  /** Whether more arrived on this connection than could be held. */
  refused: boolean;
}

/** By which a payload concerns a credentials message. */
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

/** Collected once for each payload, and only if credentials arrive before it has been handled. */
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
