/**
 * Reports the statuses of tasks to ECS: those of one task in order, each until it is accepted.
 *
 * @module
 */

import { setTimeout as delay } from "node:timers/promises";
import {
  type ContainerStateChange,
  type ECSClient,
  SubmitTaskStateChangeCommand,
} from "@aws-sdk/client-ecs";
import { log } from "./log.ts";

/** The first and the longest delay between two attempts, in ms. */
const DELAYS = { first: 200, longest: 30_000 };

/** A change of a task's status. */
export interface TaskStateChange {
  /** The task. */
  readonly taskArn: string;
  /** Its status. */
  readonly status: "PENDING" | "RUNNING" | "STOPPED";
  /** Why it stopped. */
  readonly reason?: string;
  /** Its containers. */
  readonly containers: readonly ContainerStateChange[];
}

/** Reports the statuses of all tasks. */
export class StateReporter {
  readonly #ecs: ECSClient;
  readonly #cluster: string;
  readonly #last = new Map<string, Promise<void>>();
  readonly #signal: AbortSignal;

  /**
   * @param ecs The client.
   * @param cluster The cluster.
   * @param signal Ends all attempts.
   */
  constructor(ecs: ECSClient, cluster: string, signal: AbortSignal) {
    this.#ecs = ecs;
    this.#cluster = cluster;
    this.#signal = signal;
  }

  /** Reports a change; resolves once it is accepted, or rejects with the signal's reason. */
  report(change: TaskStateChange): Promise<void> {
    const { taskArn, status } = change;
    const before = this.#last.get(taskArn) ?? Promise.resolve();
    const report = before.then(() => this.#submit(change));
    if (status === "STOPPED") this.#last.delete(taskArn);
    else this.#last.set(taskArn, report);
    return report;
  }

  async #submit({ taskArn, status, reason, containers }: TaskStateChange): Promise<void> {
    const command = new SubmitTaskStateChangeCommand({
      cluster: this.#cluster,
      task: taskArn,
      status,
      reason,
      containers: [...containers],
      ...(status === "STOPPED" && { executionStoppedAt: new Date() }),
    });
    for (let wait = DELAYS.first;; wait = Math.min(wait * 2, DELAYS.longest)) {
      try {
        await this.#ecs.send(command, { abortSignal: this.#signal });
        return;
      } catch (error) {
        this.#signal.throwIfAborted();
        log(`cannot report that ${taskArn} is ${status}: ${error}`);
      }
      await delay(wait, undefined, { signal: this.#signal });
    }
  }
}
