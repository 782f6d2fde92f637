/**
 * Jobs that wait, in the order of their arrival, each to be found by its key. All operations take the
 * same time however many wait.
 *
 * @module
 */

/** What a queue needs of a job. */
export interface KeyedJob {
  /** Tells copies of a message of one type; missing where copies are to be handled one by one. */
  readonly key?: string | undefined;
}

/** Jobs that wait. */
export class JobQueue<Job extends KeyedJob> {
  #jobs: (Job | undefined)[] = [];
  /** Where the first job is; those before it have been taken. */
  #first = 0;
  readonly #byKey: Map<string, Job> = new Map();

  /** How many wait. */
  get length(): number {
    return this.#jobs.length - this.#first;
  }

  /** The job that has waited longest, if there is one. */
  get oldest(): Job | undefined {
    return this.#jobs[this.#first];
  }

  /** The job with that key, if there is one. */
  find(key: string): Job | undefined {
    // Looking up a key costs a walk over its characters, and mostly nothing waits.
    return this.#byKey.size === 0 ? undefined : this.#byKey.get(key);
  }

  /** Adds a job behind the others. */
  push(job: Job): void {
    this.#jobs.push(job);
    if (job.key !== undefined) this.#byKey.set(job.key, job);
  }

  /** Takes the job that has waited longest, if there is one. */
  shift(): Job | undefined {
    const job = this.#jobs[this.#first];
    if (job === undefined) return undefined;
    // What has been taken must not be held on to.
    this.#jobs[this.#first] = undefined;
    this.#first += 1;
    if (job.key !== undefined) this.#byKey.delete(job.key);
    // Moving the others costs as much as there are, so it is done when half are gone.
    if (this.#first * 2 >= this.#jobs.length) {
      this.#jobs = this.#jobs.slice(this.#first);
      this.#first = 0;
    }
    return job;
  }

  /** Takes all. */
  clear(): Job[] {
    const jobs = this.#jobs.filter((job) => job !== undefined);
    this.#jobs = [];
    this.#first = 0;
    this.#byKey.clear();
    return jobs;
  }
}
