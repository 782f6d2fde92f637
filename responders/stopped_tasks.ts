/**
 * Remembers stopped tasks, so that late messages do not restore their credentials.
 *
 * @module
 */

/**
 * Maximum number of remembered tasks; the oldest are dropped first. Our choice: more than can have
 * messages in transit.
 */
const MAX_REMEMBERED = 1_000;

/**
 * The most recently stopped tasks. A stopped task never runs again, since each run has its own ARN.
 */
export class StoppedTasks {
  readonly #arns: Set<string> = new Set();

  /** Adds tasks, by their ARNs. */
  add(taskArns: readonly string[]): void {
    for (const taskArn of taskArns) {
      // Deleted first, so that it becomes the newest entry.
      this.#arns.delete(taskArn);
      this.#arns.add(taskArn);
    }
    for (const taskArn of this.#arns) {
      if (this.#arns.size <= MAX_REMEMBERED) break;
      this.#arns.delete(taskArn);
    }
  }

  /** Whether a task is known to have been stopped. */
  has(taskArn: string): boolean {
    return this.#arns.has(taskArn);
  }
}
