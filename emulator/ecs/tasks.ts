/**
 * The tasks that were run and what is wanted of them.
 *
 * @module
 */

import * as v from "@badrap/valita";
import type { Task, TaskIdentifier } from "../../protocol/messages.ts";
import { findProblem } from "../../protocol/find_problem.ts";
import type { EmulatorState } from "../state/emulator_state.ts";

/** One task. */
export interface EmulatedTask {
  /** Its ARN. */
  readonly taskArn: string;
  /** The container instance it is on; `undefined` when none was named or connected. */
  readonly containerInstanceArn?: string | undefined;
  /** What is wanted of it. */
  readonly desiredStatus: "RUNNING" | "STOPPED";
}

/** A task and all that agents are told of it. */
export interface StoredTask extends EmulatedTask {
  /** The task as payloads carry it. */
  readonly task: Task;
}

const KIND = "task";

const stored: v.Type<StoredTask> = v.object({
  taskArn: v.string(),
  containerInstanceArn: v.string().optional(),
  desiredStatus: v.union(v.literal("RUNNING"), v.literal("STOPPED")),
  task: v.unknown().assert(isTask, "is not a task"),
});

/** Whether a value has no field that a task has with another type. */
export function isTask(value: unknown): value is Task {
  return findProblem("PayloadMessage", { tasks: [value] }) === undefined;
}

/** The tasks of one emulator. */
export class Tasks {
  readonly #state: EmulatorState;
  readonly #known = new Map<string, StoredTask>();

  /**
   * Starts with those saved.
   *
   * @param state Where they are kept.
   */
  constructor(state: EmulatorState) {
    this.#state = state;
    for (const task of state.all(KIND, stored)) this.#known.set(task.taskArn, task);
  }

  /** All tasks, without what agents are told of them. */
  get all(): readonly EmulatedTask[] {
    return [...this.#known.values()].map(({ taskArn, containerInstanceArn, desiredStatus }) => ({
      taskArn,
      containerInstanceArn,
      desiredStatus,
    }));
  }

  /** One task, if it is known. */
  get(taskArn: string): StoredTask | undefined {
    return this.#known.get(taskArn);
  }

  /** Takes note of a task, in place of what was known of it. */
  set(task: StoredTask): void {
    this.#state.put(KIND, task.taskArn, task);
    this.#known.set(task.taskArn, task);
  }

  /** The tasks of an instance as its manifest names them; `undefined` when it never had any. */
  manifest(containerInstanceArn: string | undefined): TaskIdentifier[] | undefined {
    const here = [...this.#known.values()].filter((task) =>
      (task.containerInstanceArn ?? containerInstanceArn) === containerInstanceArn
    );
    if (here.length === 0) return undefined;
    return here.filter(({ desiredStatus }) => desiredStatus === "RUNNING").map(identifier);
  }

  /** Which of the tasks that an agent would stop may be stopped: all but those that should run. */
  stoppable(candidates: readonly (TaskIdentifier | null)[]): (TaskIdentifier | null)[] {
    return candidates.filter((candidate) =>
      this.#known.get(candidate?.taskArn ?? "")?.desiredStatus !== "RUNNING"
    );
  }
}

function identifier({ taskArn, desiredStatus, task }: StoredTask): TaskIdentifier {
  return { taskArn, taskClusterArn: task.taskClusterArn ?? null, desiredStatus };
}
