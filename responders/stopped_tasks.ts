/**
 * Remembers which tasks were stopped, so that no late message brings their credentials back.
 *
 * @module
 */

/** The oldest are forgotten first. Our choice: more than the service can still have in transit. */
const MAX_REMEMBERED = 1_000;

/** The tasks that were stopped last. A task never runs again: each run has another ARN. */
export class StoppedTasks {
  readonly #arns: Set<string> = new Set();

  /** Adds tasks, by their ARNs. */
  add(taskArns: readonly string[]): void {
    for (const taskArn of taskArns) {
      // Deleted first, so that it is the newest.
      this.#arns.delete(taskArn);
      this.#arns.add(taskArn);
    }
    for (const taskArn of this.#arns) {
      if (this.#arns.size <= MAX_REMEMBERED) break;
      this.#arns.delete(taskArn);
    }
  }

  /** Whether a task was stopped, as far as is remembered. */
  has(taskArn: string): boolean {
    return this.#arns.has(taskArn);
  }
}
