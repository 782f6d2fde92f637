/**
 * A queue of jobs, which can be found by their keys.
 *
 * @module
 */

import { Queue } from "../../internal/queue.ts";

/** The part of a job that a queue uses. */
export interface KeyedJob {
  /** Identifies the copies of a message of one type; missing if each copy is handled. */
  readonly key?: string | undefined;
}

/** Queued jobs, in the order of their arrival. */
export class JobQueue<Job extends KeyedJob> {
  readonly #jobs: Queue<Job> = new Queue();
  readonly #byKey: Map<string, Job> = new Map();

  /** How many jobs are queued. */
  get length(): number {
    return this.#jobs.length;
  }

  /** The oldest job, if there is one. */
  get oldest(): Job | undefined {
    return this.#jobs.oldest;
  }

  /** The job with that key, if there is one. */
  find(key: string): Job | undefined {
    // A lookup computes the hash of the key, and usually there is nothing to find.
    return this.#byKey.size === 0 ? undefined : this.#byKey.get(key);
  }

  /** The newest job that satisfies a condition, if there is one. */
  findLast(satisfies: (job: Job) => boolean): Job | undefined {
    return this.#jobs.findLast(satisfies);
  }

  /** Adds a job at the end. */
  push(job: Job): void {
    this.#jobs.push(job);
    if (job.key !== undefined) this.#byKey.set(job.key, job);
  }

  /** Removes the oldest job, if there is one. */
  shift(): Job | undefined {
    const job = this.#jobs.shift();
    if (job?.key !== undefined) this.#byKey.delete(job.key);
    return job;
  }

  /** All jobs, the oldest first. */
  [Symbol.iterator](): Iterator<Job> {
    return this.#jobs[Symbol.iterator]();
  }

  /** Removes all jobs. */
  clear(): Job[] {
    this.#byKey.clear();
    return this.#jobs.clear();
  }
}
