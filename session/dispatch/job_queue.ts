/**
 * Jobs that wait, in the order of their arrival, each to be found by its key.
 *
 * @module
 */

import { Queue } from "../../internal/queue.ts";

/** What a queue needs of a job. */
export interface KeyedJob {
  /** Tells copies of a message of one type; missing where copies are to be handled one by one. */
  readonly key?: string | undefined;
}

/** Jobs that wait. */
export class JobQueue<Job extends KeyedJob> {
  readonly #jobs: Queue<Job> = new Queue();
  readonly #byKey: Map<string, Job> = new Map();

  /** How many wait. */
  get length(): number {
    return this.#jobs.length;
  }

  /** The job that has waited longest, if there is one. */
  get oldest(): Job | undefined {
    return this.#jobs.oldest;
  }

  /** The job with that key, if there is one. */
  find(key: string): Job | undefined {
    // Looking up a key costs a walk over its characters, and mostly nothing waits.
    return this.#byKey.size === 0 ? undefined : this.#byKey.get(key);
  }

  /** The newest job that satisfies a condition, if there is one. */
  findLast(satisfies: (job: Job) => boolean): Job | undefined {
    return this.#jobs.findLast(satisfies);
  }

  /** Adds a job behind the others. */
  push(job: Job): void {
    this.#jobs.push(job);
    if (job.key !== undefined) this.#byKey.set(job.key, job);
  }

  /** Takes the job that has waited longest, if there is one. */
  shift(): Job | undefined {
    const job = this.#jobs.shift();
    if (job?.key !== undefined) this.#byKey.delete(job.key);
    return job;
  }

  /** All that wait, in order. */
  [Symbol.iterator](): Iterator<Job> {
    return this.#jobs[Symbol.iterator]();
  }

  /** Takes all. */
  clear(): Job[] {
    this.#byKey.clear();
    return this.#jobs.clear();
  }
}
