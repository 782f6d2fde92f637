/**
 * The tasks that were run, and their statuses.
 *
 * @module
 */

import type { TaskIdentifier } from "../../protocol/messages.ts";
import type { EmulatorState } from "../state/emulator_state.ts";
import { StoredMap } from "../state/stored_map.ts";
import { storedTask, type TaskRecord, type TaskStatus } from "./task_record.ts";

/** How long a stopped task can be described, in ms: the service's hour. */
export const STOPPED_TASK_LIFETIME_MS = 3_600_000;

/** Maximum number of stopped tasks that are kept; the oldest are dropped first. Our choice. */
export const MAX_STOPPED_TASKS = 10_000;

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
  /** Its status, as its agent reported it: `PENDING` until the first report. */
  readonly lastStatus: TaskStatus;
}

/** The tasks of one emulator. */
export class Tasks {
  readonly #known: StoredMap<TaskRecord>;
  readonly #state: EmulatorState;
  readonly #changed: (task: TaskRecord) => void;
  /** The ARNs of the stopped tasks, the first one that stopped first. */
  readonly #stopped: Set<string>;

  /**
   * Loads the saved ones.
   *
   * @param state The store of the tasks.
   * @param changed Called when a change to a task's status is saved.
   */
  constructor(state: EmulatorState, changed: (task: TaskRecord) => void = () => {}) {
    this.#state = state;
    this.#changed = changed;
    this.#known = new StoredMap({
      state,
      kind: "task",
      type: storedTask,
      keyOf: ({ taskArn }) => taskArn,
    });
    this.#stopped = new Set(
      this.#known.values.filter(({ lastStatus }) => lastStatus === "STOPPED")
        .sort((one, other) => (one.times.stoppedAt ?? 0) - (other.times.stoppedAt ?? 0))
        .map(({ taskArn }) => taskArn),
    );
  }

  /** All tasks, without the fields of payloads. */
  get all(): readonly EmulatedTask[] {
    return this.#known.values.map((
      { taskArn, containerInstanceArn, desiredStatus, lastStatus },
    ) => ({
      taskArn,
      containerInstanceArn,
      desiredStatus,
      lastStatus,
      ...(containerInstanceArn === undefined && { waiting: true as const }),
    }));
  }

  /** All tasks with all known data, in the order in which they were run. */
  get records(): readonly TaskRecord[] {
    return this.#known.values;
  }

  /** One task, if it is known. */
  get(taskArn: string): TaskRecord | undefined {
    return this.#known.get(taskArn);
  }

  /** Stores a task, replacing any earlier version. A new one does not count as a change. */
  set(task: TaskRecord): void {
    const before = this.#known.get(task.taskArn);
    if (before === task) return;
    this.#known.set(task);
    if (before === undefined || before.version === task.version) return;
    this.#state.whenSaved(() => {
      if (task.lastStatus === "STOPPED") this.#stopped.add(task.taskArn);
      this.#changed(task);
    });
  }

  /**
   * Forgets the tasks that stopped more than an hour ago, and the oldest of more than 10,000.
   *
   * @param now The current time, in ms since the epoch.
   * @returns Their ARNs.
   */
  forgetOld(now: number): readonly string[] {
    const forgotten: string[] = [];
    for (const taskArn of this.#stopped) {
      const { stoppedAt = 0 } = this.#known.get(taskArn)?.times ?? {};
      const isKept = stoppedAt > now - STOPPED_TASK_LIFETIME_MS &&
        this.#stopped.size - forgotten.length <= MAX_STOPPED_TASKS;
      if (isKept) break;
      forgotten.push(taskArn);
    }
    if (forgotten.length === 0) return forgotten;
    this.#state.transaction(() => {
      for (const taskArn of forgotten) this.#known.delete(taskArn);
      this.#state.whenSaved(() => {
        for (const taskArn of forgotten) this.#stopped.delete(taskArn);
      });
    });
    return forgotten;
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

  #of(containerInstanceArn: string | undefined): readonly TaskRecord[] {
    return this.#known.values.filter((task) => task.containerInstanceArn === containerInstanceArn);
  }
}

function identifier({ taskArn, desiredStatus, task }: TaskRecord): TaskIdentifier {
  return { taskArn, taskClusterArn: task.taskClusterArn ?? null, desiredStatus };
}
