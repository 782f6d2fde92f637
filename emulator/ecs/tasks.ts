/**
 * The tasks that were run, and their desired statuses.
 *
 * @module
 */

import * as v from "@badrap/valita";
import type { Task, TaskIdentifier } from "../../protocol/messages.ts";
import { findProblem } from "../../protocol/find_problem.ts";
import type { EmulatorState } from "../state/emulator_state.ts";
import { StoredMap } from "../state/stored_map.ts";

/** One task. */
export interface EmulatedTask {
  /** Its ARN. */
  readonly taskArn: string;
  /** The container instance it is on; `undefined` while it waits for one. */
  readonly containerInstanceArn?: string | undefined;
  /**
   * `true` while it waits for a container instance: none was named or connected when it was run.
   * The first one that connects gets it.
   */
  readonly waiting?: true;
  /** Its desired status. */
  readonly desiredStatus: "RUNNING" | "STOPPED";
}

/** A task with the fields that payloads carry. */
export interface StoredTask extends Omit<EmulatedTask, "waiting"> {
  /** The task as payloads carry it. */
  readonly task: Task;
}

const stored: v.Type<StoredTask> = v.object({
  taskArn: v.string(),
  containerInstanceArn: v.string().optional(),
  desiredStatus: v.union(v.literal("RUNNING"), v.literal("STOPPED")),
  task: v.unknown().assert(isTask, "is not a task"),
});

/** Whether every field of a value has the type that it has in a task. */
export function isTask(value: unknown): value is Task {
  return findProblem("PayloadMessage", { tasks: [value] }) === undefined;
}

/** The tasks of one emulator. */
export class Tasks {
  readonly #known: StoredMap<StoredTask>;

  /**
   * Loads the saved ones.
   *
   * @param state Where they are kept.
   */
  constructor(state: EmulatorState) {
    this.#known = new StoredMap({
      state,
      kind: "task",
      type: stored,
      keyOf: ({ taskArn }) => taskArn,
    });
  }

  /** All tasks, without the fields of payloads. */
  get all(): readonly EmulatedTask[] {
    return this.#known.values.map(({ taskArn, containerInstanceArn, desiredStatus }) => ({
      taskArn,
      containerInstanceArn,
      desiredStatus,
      ...(containerInstanceArn === undefined && { waiting: true as const }),
    }));
  }

  /** One task, if it is known. */
  get(taskArn: string): StoredTask | undefined {
    return this.#known.get(taskArn);
  }

  /** Stores a task, in place of an earlier version. */
  set(task: StoredTask): void {
    this.#known.set(task);
  }

  /**
   * Assigns waiting tasks to a container instance.
   *
   * @param containerInstanceArn The instance.
   * @returns Their ARNs.
   */
  placeWaiting(containerInstanceArn: string): readonly string[] {
    const waiting = this.#of(undefined);
    for (const task of waiting) this.set({ ...task, containerInstanceArn });
    return waiting.map(({ taskArn }) => taskArn);
  }

  /**
   * The entries of an instance's manifest; `undefined` if it never had a task.
   *
   * @param containerInstanceArn The instance; `undefined` for the tasks that wait for one.
   */
  manifest(containerInstanceArn: string | undefined): TaskIdentifier[] | undefined {
    const here = this.#of(containerInstanceArn);
    if (here.length === 0) return undefined;
    return here.filter(({ desiredStatus }) => desiredStatus === "RUNNING").map(identifier);
  }

  /**
   * The stop candidates that may be stopped: all except those that should run on the agent's
   * instance.
   */
  stoppable(
    candidates: readonly (TaskIdentifier | null)[],
    containerInstanceArn: string,
  ): (TaskIdentifier | null)[] {
    return candidates.filter((candidate) => {
      const task = this.#known.get(candidate?.taskArn ?? "");
      return task?.desiredStatus !== "RUNNING" ||
        task.containerInstanceArn !== containerInstanceArn;
    });
  }

  #of(containerInstanceArn: string | undefined): readonly StoredTask[] {
    return this.#known.values.filter((task) => task.containerInstanceArn === containerInstanceArn);
  }
}

function identifier({ taskArn, desiredStatus, task }: StoredTask): TaskIdentifier {
  return { taskArn, taskClusterArn: task.taskClusterArn ?? null, desiredStatus };
}
