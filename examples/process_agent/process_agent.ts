/**
 * The session's handlers: which tasks to run, and which to stop.
 *
 * @module
 */

import type {
  Container,
  PayloadAck,
  PayloadMessage,
  PayloadMessageHandler,
  Task,
  TaskComparer,
  TaskIdentifier,
  TaskManifestMessage,
  TaskStopper,
} from "@acs/session";
import type { AgentData, SavedContainer, SavedTask } from "./agent_data.ts";
import { log } from "./log.ts";
import { RunningTask } from "./running_task.ts";
import type { StateReporter } from "./state_reporter.ts";

/** Time from SIGTERM to SIGKILL unless the task definition has one, in s: as in ECS. */
const DEFAULT_STOP_TIMEOUT = 30;

/** Runs the tasks of one container instance. */
export class ProcessAgent implements PayloadMessageHandler, TaskComparer, TaskStopper {
  readonly #data: AgentData;
  readonly #reporter: StateReporter;
  readonly #running = new Map<
    string,
    { readonly task: RunningTask; readonly life: Promise<void> }
  >();

  /**
   * Continues the tasks that were running when the last agent ended.
   *
   * @param data The agent's data.
   * @param reporter Reports the statuses of tasks.
   */
  constructor(data: AgentData, reporter: StateReporter) {
    this.#data = data;
    this.#reporter = reporter;
    for (const task of data.saved.tasks) this.#run(task);
  }

  /** Number of tasks that have not stopped. */
  get size(): number {
    return this.#running.size;
  }

  /** Starts and stops tasks. The payload may be a redelivery. */
  async processMessage({ tasks }: PayloadMessage, ack: PayloadAck): Promise<void> {
    for (const task of tasks ?? []) {
      if (!task?.arn) throw new Error("a task has no ARN");
      if (task.desiredStatus === "STOPPED") this.stopTask(task.arn);
      else if (!this.#running.has(task.arn)) {
        const saved = savedTask(task, task.arn);
        // Saved before it is acknowledged, so that it is not lost if the agent is killed in between.
        await this.#data.add(saved);
        this.#run(saved);
      }
    }
    await ack();
  }

  /** The tasks that are running here but are not in the manifest. */
  compareRunningTasksOnInstanceWithManifest({ tasks }: TaskManifestMessage): TaskIdentifier[] {
    const wanted = new Set(tasks?.map((task) => task?.taskArn));
    return this.#data.saved.tasks
      .filter(({ taskArn }) => !wanted.has(taskArn))
      .map(({ taskArn, taskClusterArn }) => ({
        taskArn,
        taskClusterArn,
        desiredStatus: "STOPPED",
      }));
  }

  /** Stops a task; it is reported when it has stopped. */
  stopTask(taskArn: string): void {
    void this.#running.get(taskArn)?.task.stop();
  }

  /** Resolves when all tasks have stopped and their stops are reported. */
  async ended(): Promise<void> {
    while (this.#running.size > 0) {
      await Promise.all([...this.#running.values()].map(({ life }) => life));
    }
  }

  /** Stops all tasks. */
  stopAll(): void {
    for (const taskArn of this.#running.keys()) this.stopTask(taskArn);
  }

  #run(saved: SavedTask): void {
    const { taskArn } = saved;
    const task = new RunningTask(saved, this.#data, this.#reporter);
    log(`task ${taskArn} starts or continues`);
    const life = task.live().then(
      () => log(`task ${taskArn} has stopped`),
      // The agent is ending: the next one continues the task.
      (error) => log(`task ${taskArn} is left unchanged: ${error}`),
    ).then(() => void this.#running.delete(taskArn));
    this.#running.set(taskArn, { task, life });
    if (saved.desiredStatus === "STOPPED") this.stopTask(taskArn);
  }
}

function savedTask({ taskClusterArn, containers }: Task, taskArn: string): SavedTask {
  return {
    taskArn,
    taskClusterArn: taskClusterArn ?? "",
    desiredStatus: "RUNNING",
    containers: (containers ?? []).flatMap((container) =>
      container === null ? [] : [savedContainer(container)]
    ),
  };
}

function savedContainer(container: Container): SavedContainer {
  const texts = (list: readonly (string | null)[] | null | undefined) =>
    (list ?? []).filter((text) => text !== null);
  return {
    name: container.name ?? "",
    essential: container.essential ?? true,
    command: [...texts(container.entryPoint), ...texts(container.command)],
    environment: Object.fromEntries(
      Object.entries(container.environment ?? {}).map(([name, value]) => [name, value ?? ""]),
    ),
    stopTimeout: container.stopTimeout ?? DEFAULT_STOP_TIMEOUT,
  };
}
