/**
 * Runs and stops tasks as a user of ECS does, and sends agents the messages for it.
 *
 * @module
 */

import { clusterArn as arnOfCluster, ecsLocation } from "../../protocol/arn.ts";
import type {
  ElasticNetworkInterface,
  IAMRoleCredentials,
  IAMRoleCredentialsMessage,
  ReceivedMessages,
  ReceivedMessageType,
  Task,
} from "../../protocol/messages.ts";
import type { PostedMessage } from "../acs/outbox.ts";
import type { SendOptions } from "../acs/send_options.ts";
import type { Entropy } from "../entropy.ts";
import { InactiveInstanceError, UnknownTaskError } from "../errors.ts";
import { samplePlainTask } from "../samples/plain_task.ts";
import {
  SAMPLE_CONTAINER_INSTANCE_ARN,
  sampleAttachInstanceNetworkInterfaces,
  sampleAttachTaskNetworkInterfaces,
  sampleConfirmAttachment,
  sampleTask,
  type TaskRoleType,
} from "../samples/samples.ts";
import type { EmulatorState } from "../state/emulator_state.ts";
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

/** How a network interface is attached. */
export interface AttachNetworkInterfaceOptions extends SendOptions {
  /** The interface's task; by default it belongs to the container instance. */
  readonly taskArn?: string | undefined;
  /** Fields of the interface. Missing fields are those of a sample, with a new attachment ARN. */
  readonly networkInterface?: Partial<ElasticNetworkInterface> | undefined;
  /**
   * The `waitTimeoutMs` of the message, in ms.
   *
   * @default 300_000
   */
  readonly waitTimeoutMs?: number | undefined;
}

/** How a volume is attached. */
export interface AttachVolumeOptions extends SendOptions {
  /** The volume's task; by default that of a sample. */
  readonly taskArn?: string | undefined;
  /** Properties of the attachment, such as `volumeId`; missing ones are those of a sample. */
  readonly properties?: Readonly<Record<string, string>> | undefined;
  /**
   * The `waitTimeoutMs` of the message, in ms.
   *
   * @default 300_000
   */
  readonly waitTimeoutMs?: number | undefined;
}

/** A message about a task. */
export interface PostedTask extends PostedMessage {
  /** The task's ARN. */
  readonly taskArn: string;
  /** `true` if the task and its messages wait for the first container instance that connects. */
  readonly waiting?: true;
}

/** A message about an attachment. */
export interface PostedAttachment extends PostedMessage {
  /** The attachment's ARN. */
  readonly attachmentArn: string;
}

/** A complete task that is to be sent. */
export interface TaskStart {
  /** The task as payloads carry it. */
  readonly task: Task;
  /** Its container instance; `undefined` for the first one that connects. */
  readonly containerInstanceArn: string | undefined;
  /** How it was run through the ECS API. */
  readonly request?: TaskRequest | undefined;
  /** What it reserves on its container instance; by default, what its payload says. */
  readonly reservation?: Reservation | undefined;
}

/** A task that was sent. */
export interface StartedTask {
  /** Its payload. */
  readonly posted: PostedMessage;
  /** Its record. */
  readonly task: TaskRecord;
}

/** Sends a message, or queues it. */
export type Post = <T extends ReceivedMessageType>(
  type: T,
  message: ReceivedMessages[T],
  to: SendOptions,
) => PostedMessage;

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

/** Runs and stops tasks, attaches resources, rotates credentials. */
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
   * @param reason Why, in words.
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

  /** Attaches a network interface to a task or to the container instance. */
  attachNetworkInterface(options: AttachNetworkInterfaceOptions): PostedAttachment {
    const { state, post } = this.#options;
    return state.transaction(() => {
      const { taskArn, networkInterface, waitTimeoutMs = 300_000 } = options;
      const recipient = this.#recipient(options);
      const sample = taskArn === undefined
        ? sampleAttachInstanceNetworkInterfaces()
        : sampleAttachTaskNetworkInterfaces();
      const attachmentArn = networkInterface?.attachmentArn ?? this.#attachmentArn(recipient);
      const elasticNetworkInterfaces = [{
        ...sample.elasticNetworkInterfaces?.[0],
        ...networkInterface,
        attachmentArn,
      }];
      const message = { ...sample, waitTimeoutMs, elasticNetworkInterfaces };
      const posted = taskArn === undefined
        ? post("AttachInstanceNetworkInterfacesMessage", message, recipient)
        : post("AttachTaskNetworkInterfacesMessage", {
          ...message,
          taskArn,
          taskClusterArn: this.#clusterOf(taskArn, recipient),
        }, recipient);
      return { ...posted, attachmentArn };
    });
  }

  /** Attaches a volume to a task. */
  attachVolume(options: AttachVolumeOptions): PostedAttachment {
    const { state, post } = this.#options;
    return state.transaction(() => {
      const { taskArn, properties, waitTimeoutMs = 300_000 } = options;
      const recipient = this.#recipient(options);
      const sample = sampleConfirmAttachment();
      const attachmentArn = this.#attachmentArn(recipient);
      const complete = {
        ...Object.fromEntries(
          (sample.attachment?.attachmentProperties ?? [])
            .map((property) => [property?.name ?? "", property?.value ?? ""]),
        ),
        ...properties,
      };
      const posted = post("ConfirmAttachmentMessage", {
        ...sample,
        ...(taskArn !== undefined &&
          { taskArn, taskClusterArn: this.#clusterOf(taskArn, recipient) }),
        waitTimeoutMs,
        attachment: {
          ...sample.attachment,
          attachmentArn,
          attachmentProperties: Object.entries(complete)
            .map(([name, value]) => ({ name, value })),
        },
      }, recipient);
      return { ...posted, attachmentArn };
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

  /** Messages about a task go to the task's instance. */
  #recipient(
    { containerInstanceArn, taskArn }: SendOptions & { readonly taskArn?: string | undefined },
  ): SendOptions {
    const { tasks, defaultInstance } = this.#options;
    return {
      containerInstanceArn: containerInstanceArn ??
        tasks.get(taskArn ?? "")?.containerInstanceArn ??
        defaultInstance(),
    };
  }

  #clusterOf(taskArn: string, { containerInstanceArn }: SendOptions): string {
    return this.#options.tasks.get(taskArn)?.task.taskClusterArn ??
      homeOf(containerInstanceArn, this.#options.clusterArn).clusterArn;
  }

  #attachmentArn({ containerInstanceArn }: SendOptions): string {
    const { clusterArn, entropy } = this.#options;
    return arnIn(homeOf(containerInstanceArn, clusterArn), "attachment", entropy);
  }
}

function postedTask(
  posted: PostedMessage,
  taskArn: string,
  containerInstanceArn: string | undefined,
): PostedTask {
  return { ...posted, taskArn, ...(containerInstanceArn === undefined && { waiting: true }) };
}

/** The account and the cluster of a resource. */
interface Home {
  /** The beginning of its ARN: partition, service, region and account. */
  readonly account: string;
  /** The cluster's name. */
  readonly cluster: string;
  /** The cluster's ARN. */
  readonly clusterArn: string;
}

/** The home of a container instance or a cluster; without either, that of the samples. */
function homeOf(containerInstanceArn: string | undefined, clusterArn: string | undefined): Home {
  const { account, cluster = "default" } = ecsLocation(
    containerInstanceArn ?? clusterArn ?? SAMPLE_CONTAINER_INSTANCE_ARN,
  );
  return { account, cluster, clusterArn: arnOfCluster(cluster, account) };
}

function arnIn({ account, cluster }: Home, resource: string, entropy: Entropy): string {
  return `${account}:${resource}/${cluster}/${entropy.uuid().replaceAll("-", "")}`;
}
