/**
 * The life of one task: its containers' processes, and the reports about it.
 *
 * @module
 */

import { join } from "node:path";
import type { ContainerStateChange } from "@aws-sdk/client-ecs";
import type { AgentData, SavedContainer, SavedTask } from "./agent_data.ts";
import { ContainerProcess } from "./container_process.ts";
import type { StateReporter } from "./state_reporter.ts";

/** One container of a running task. */
interface RunningContainer {
  readonly container: SavedContainer;
  readonly process: ContainerProcess;
  exitCode: number | undefined;
}

/** A task from its start to the report that it has stopped. */
export class RunningTask {
  readonly #task: SavedTask;
  readonly #data: AgentData;
  readonly #reporter: StateReporter;
  readonly #containers: readonly RunningContainer[];
  #stopping: Promise<void> | undefined;

  /**
   * @param task The task.
   * @param data Where its processes are saved.
   * @param reporter Reports its statuses.
   */
  constructor(task: SavedTask, data: AgentData, reporter: StateReporter) {
    this.#task = task;
    this.#data = data;
    this.#reporter = reporter;
    const id = task.taskArn.slice(task.taskArn.lastIndexOf("/") + 1);
    this.#containers = task.containers.map((container) => ({
      container,
      process: new ContainerProcess(container, join(data.directory, "tasks", id)),
      exitCode: undefined,
    }));
  }

  /**
   * Starts the containers that are not running, waits for their end, and removes the task once that
   * is reported.
   */
  async live(): Promise<void> {
    const failure = await this.#start();
    if (failure === undefined) await this.#reporter.report(this.#change("RUNNING"));
    await this.#end(failure);
    await this.#reporter.report(this.#change("STOPPED", failure));
    await this.#data.remove(this.#task.taskArn);
  }

  /** Stops its processes, which ends the task. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    this.#task.desiredStatus = "STOPPED";
    await this.#data.save();
    await Promise.all(this.#containers.map(({ process }) => process.stop()));
  }

  /** Starts the processes; returns the reason if one cannot be started. */
  async #start(): Promise<string | undefined> {
    if (this.#task.desiredStatus === "STOPPED") return undefined;
    for (const { container, process } of this.#containers) {
      if (container.pid !== undefined) continue;
      try {
        await process.start();
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        return `CannotStartContainerError: ${container.name}: ${why}`;
      }
      // Saved before the next one is started: an unknown process could not be stopped.
      await this.#data.save();
    }
    return undefined;
  }

  /** Waits until an essential container has ended, and stops the others. */
  async #end(failure: string | undefined): Promise<void> {
    const ends = this.#containers.map(async (running) => {
      if (running.container.pid === undefined) return;
      running.exitCode = await running.process.exitCode();
    });
    const essential = ends.filter((_, index) => this.#containers[index]?.container.essential);
    if (failure === undefined) await Promise.race(essential.length > 0 ? essential : ends);
    await this.stop();
    await Promise.all(ends);
  }

  #change(status: "RUNNING" | "STOPPED", reason?: string) {
    const containers = this.#containers.map(({ container, exitCode }): ContainerStateChange => ({
      containerName: container.name,
      status,
      ...(container.pid !== undefined && { runtimeId: String(container.pid) }),
      ...(exitCode !== undefined && { exitCode }),
    }));
    const { taskArn } = this.#task;
    return { taskArn, status, containers, ...(reason !== undefined && { reason }) };
  }
}
