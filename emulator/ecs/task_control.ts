/**
 * Runs and stops tasks as a user of ECS does, and sends agents the messages for it.
 *
 * @module
 */

import type {
  IAMRoleCredentials,
  IAMRoleCredentialsMessage,
  Task,
} from "../../protocol/messages.ts";
import type { PostedMessage } from "../acs/outbox.ts";
import type { Post, SendOptions } from "../acs/send_options.ts";
import type { Entropy } from "../entropy.ts";
import { InactiveInstanceError, UnknownTaskError } from "../errors.ts";
import { samplePlainTask } from "../samples/plain_task.ts";
import { sampleTask, type TaskRoleType } from "../samples/samples.ts";
import type { EmulatorState } from "../state/emulator_state.ts";
import { arnIn, homeOf } from "./home.ts";
import type { IssuedCredentials } from "./issued_credentials.ts";
import {
  credentialsIn,
  credentialsMessage,
  FIELD_OF_ROLE,
  freshRoleCredentials,
} from "./role_credentials.ts";
import type { Reservation } from "./reservation.ts";
import { stopping } from "./task_lifecycle.ts";
import { newTask, type StopCode, type TaskRecord, type TaskRequest } from "./task_record.ts";
import type { Tasks } from "./tasks.ts";

/** How a task is run. */
export interface RunTaskOptions extends SendOptions {
  /**
   * Fields of the task. Missing fields are those of a sample: two containers, two roles, an
   * interface. `arn` and credentials are new for each task.
   */
  readonly task?: Partial<Task> | undefined;
}

/** A message about a task. */
export interface PostedTask extends PostedMessage {
  /** The task's ARN. */
  readonly taskArn: string;
  /** `true` if the task and its messages wait for the first container instance that connects. */
  readonly waiting?: true;
}

/** A complete task that is to be sent. */
export interface TaskStart {
  /** The task as payloads carry it. */
  readonly task: Task;
  /** Its container instance; `undefined` for the first one that connects. */
  readonly containerInstanceArn: string | undefined;
  /** How it was run through the ECS API. */
  readonly request?: TaskRequest | undefined;
  /** The resources that it reserves on its container instance; by default, those in its payload. */
  readonly reservation?: Reservation | undefined;
}

/** A task that was sent. */
export interface StartedTask {
  /** Its payload. */
  readonly posted: PostedMessage;
  /** Its record. */
  readonly task: TaskRecord;
}

/** The parts of a TaskControl. */
export interface TaskControlOptions {
  /** Groups changes into transactions. */
  readonly state: EmulatorState;
  /** Makes ARNs and keys. */
  readonly entropy: Entropy;
  /** The service's clock, in ms since the epoch. */
  readonly now: () => number;
  /** The tasks. */
  readonly tasks: Tasks;
  /** The issued credentials. */
  readonly issued: IssuedCredentials;
  /** Sends a message. */
  readonly post: Post;
  /** Issues credentials and sends them. */
  readonly sendCredentials: (message: IAMRoleCredentialsMessage, to: SendOptions) => PostedMessage;
  /** The default instance: the one that connected last. */
  readonly defaultInstance: () => string | undefined;
  /** The only cluster, where tasks that wait for an instance are; `undefined` for any. */
  readonly clusterArn: string | undefined;
  /** Whether an instance is deregistered. */
  readonly isInactive: (containerInstanceArn: string) => boolean;
  /** Whether an instance was registered by its agent. */
  readonly isRegistered: (containerInstanceArn: string | undefined) => boolean;
}

/** Runs and stops tasks, and rotates their credentials. */
export class TaskControl {
  readonly #options: TaskControlOptions;

  /**
   * @param options What it needs.
   */
  constructor(options: TaskControlOptions) {
    this.#options = options;
  }

  /**
   * Runs a task by sending it in a payload.
   *
   * @throws {InactiveInstanceError} If its container instance is deregistered.
   */
  run({ containerInstanceArn, task = {} }: RunTaskOptions): PostedTask {
    const { state, defaultInstance, isInactive } = this.#options;
    return state.transaction(() => {
      const instance = containerInstanceArn ?? defaultInstance();
      if (instance !== undefined && isInactive(instance)) throw new InactiveInstanceError(instance);
      const complete = this.#completeTask(task, instance);
      const { posted, task: { taskArn } } = this.start({
        task: complete,
        containerInstanceArn: instance,
      });
      return postedTask(posted, taskArn, instance);
    });
  }

  /** Sends a complete task, with the credentials of its roles. */
  start({ task, containerInstanceArn, request, reservation }: TaskStart): StartedTask {
    const { state, tasks, issued, post, now } = this.#options;
    return state.transaction(() => {
      const record = newTask({ task, containerInstanceArn, now: now(), request, reservation });
      tasks.set(record);
      for (const message of credentialsIn(task)) issued.add(message, containerInstanceArn);
      const posted = post("PayloadMessage", { tasks: [task] }, { containerInstanceArn });
      return { posted, task: record };
    });
  }

  /** New credentials of a role. */
  credentialsOf(roleArn: string): IAMRoleCredentials {
    const { entropy, now } = this.#options;
    return { ...freshRoleCredentials(entropy, now()), roleArn };
  }

  /** Assigns waiting tasks and their credentials to a container instance. */
  place(containerInstanceArn: string): void {
    const { state, tasks, issued } = this.#options;
    state.transaction(() => {
      const placed = new Set(tasks.placeWaiting(containerInstanceArn));
      issued.place(containerInstanceArn, ({ taskArn }) => placed.has(taskArn ?? ""));
    });
  }

  /**
   * Stops a task by sending it in a payload with `desiredStatus` STOPPED. It has stopped when its
   * agent reports so.
   *
   * @param taskArn The task.
   * @param stopCode Who stops it.
   * @param reason The reason, as text.
   */
  stop(
    taskArn: string,
    stopCode: StopCode = "UserInitiated",
    reason: string = "Task stopped by user",
  ): PostedTask {
    const { state, tasks, issued, post, now } = this.#options;
    return state.transaction(() => {
      const stopped = stopping(this.#task(taskArn), stopCode, reason, now());
      tasks.set(stopped);
      issued.removeTask(taskArn);
      const { containerInstanceArn, task } = stopped;
      const posted = post("PayloadMessage", { tasks: [task] }, { containerInstanceArn });
      return postedTask(posted, taskArn, containerInstanceArn);
    });
  }

  /** Rotates the credentials of one of a task's roles. */
  rotate(taskArn: string, roleType: TaskRoleType = "TaskApplication"): PostedMessage {
    const { state, tasks, sendCredentials, entropy, now } = this.#options;
    return state.transaction(() => {
      const known = this.#task(taskArn);
      const field = FIELD_OF_ROLE[roleType];
      const roleCredentials = {
        ...known.task[field],
        ...freshRoleCredentials(entropy, now(), known.task[field]?.credentialsId ?? undefined),
      };
      tasks.set({ ...known, task: { ...known.task, [field]: roleCredentials } });
      const { containerInstanceArn } = known;
      const message = credentialsMessage(known.task, roleType, roleCredentials);
      return sendCredentials(message, { containerInstanceArn });
    });
  }

  #task(taskArn: string): TaskRecord {
    const known = this.#options.tasks.get(taskArn);
    if (known === undefined) throw new UnknownTaskError(taskArn);
    return known;
  }

  #completeTask(given: Partial<Task>, containerInstanceArn: string | undefined): Task {
    const { entropy, clusterArn, isRegistered } = this.#options;
    const home = homeOf(containerInstanceArn, clusterArn);
    return {
      // Agents that register run what they get; the other sample needs a VPC and AWS's services.
      ...(isRegistered(containerInstanceArn) ? samplePlainTask() : this.#sampleWithRoles()),
      arn: arnIn(home, "task", entropy),
      taskClusterArn: home.clusterArn,
      ...given,
      desiredStatus: "RUNNING",
    };
  }

  #sampleWithRoles(): Task {
    const { entropy, now } = this.#options;
    const sample = sampleTask();
    const credentials = (roleType: TaskRoleType) => ({
      ...sample[FIELD_OF_ROLE[roleType]],
      ...freshRoleCredentials(entropy, now()),
    });
    return {
      ...sample,
      roleCredentials: credentials("TaskApplication"),
      executionRoleCredentials: credentials("TaskExecution"),
    };
  }
}

function postedTask(
  posted: PostedMessage,
  taskArn: string,
  containerInstanceArn: string | undefined,
): PostedTask {
  return { ...posted, taskArn, ...(containerInstanceArn === undefined && { waiting: true }) };
}
