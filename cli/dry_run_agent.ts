/**
 * An agent that takes every task and starts none: it does what the service expects of an agent and
 * nothing to the machine.
 *
 * @module
 */

import {
  type CredentialsManager,
  MemoryCredentialsManager,
  type RoleType,
} from "../responders/credentials_manager.ts";
import { type EniHandler, validateEni } from "../responders/eni_attachment.ts";
import type { ResourceHandler } from "../responders/attach_resource_responder.ts";
import type { PayloadAck, PayloadMessageHandler } from "../responders/payload_responder.ts";
import type { CredentialsMetadataSetter } from "../responders/refresh_credentials_responder.ts";
import type { TaskComparer } from "../responders/task_manifest_responder.ts";
import type { SessionOptions } from "../session/options.ts";
import type { TaskStopper } from "../responders/task_stop_verification_ack_responder.ts";
import type {
  IAMRoleCredentials,
  IAMRoleCredentialsAckRequest,
  IAMRoleCredentialsMessage,
  PayloadMessage,
  Task,
  TaskIdentifier,
  TaskManifestMessage,
} from "../protocol/messages.ts";

/** A task that the agent holds. */
interface HeldTask {
  readonly credentialsIds: readonly string[];
}

const STOPPED = "STOPPED";

/** How many tasks it holds at most. Ours: an instance holds some hundred. */
const MAX_TASKS = 10_000;

/** Takes tasks, compares them with manifests, and drops those that are stopped. */
export class DryRunAgent
  implements
    PayloadMessageHandler,
    CredentialsMetadataSetter,
    TaskComparer,
    TaskStopper,
    EniHandler,
    ResourceHandler {
  /** The credentials of the tasks. */
  readonly credentialsManager: CredentialsManager = new MemoryCredentialsManager();
  readonly #tasks: Map<string, HeldTask> = new Map();
  readonly #tell: (what: string) => void;

  /**
   * Starts without a task.
   *
   * @param tell Is told what the agent does, in a few words.
   */
  constructor(tell: (what: string) => void) {
    this.#tell = tell;
  }

  /** What a session is to be given, so that this agent handles its messages. */
  get handlers(): Pick<
    SessionOptions,
    | "credentialsManager"
    | "credentialsMetadataSetter"
    | "payloadMessageHandler"
    | "eniHandler"
    | "resourceHandler"
    | "taskComparer"
    | "taskStopper"
  > {
    return {
      credentialsManager: this.credentialsManager,
      credentialsMetadataSetter: this,
      payloadMessageHandler: this,
      eniHandler: this,
      resourceHandler: this,
      taskComparer: this,
      taskStopper: this,
    };
  }

  /** The ARNs of the tasks that it holds. */
  get taskArns(): string[] {
    return [...this.#tasks.keys()];
  }

  /**
   * Takes the tasks of a payload, those to be stopped first, and acknowledges the payload and each
   * credentials that came with it.
   *
   * @throws {Error} If a task could not be taken; the others have been.
   */
  async processMessage(message: PayloadMessage, ack: PayloadAck): Promise<void> {
    const acks: IAMRoleCredentialsAckRequest[] = [];
    const refused: string[] = [];
    for (const task of stoppedFirst(message.tasks ?? [])) {
      try {
        acks.push(...await this.#take(task));
      } catch (error) {
        refused.push(error instanceof Error ? error.message : String(error));
      }
    }
    if (refused.length > 0) throw new Error(`did not take all tasks: ${refused.join("; ")}`);
    await ack(acks);
  }

  /** Notes that the credentials of a task's role were stored. */
  setTaskRoleCredentialsMetadata({ taskArn }: IAMRoleCredentialsMessage): void {
    this.#tell(`stored fresh role credentials of task ${shortArn(taskArn ?? "")}`);
  }

  /** Notes that the credentials of a task's execution role were stored. */
  setExecRoleCredentialsMetadata({ taskArn }: IAMRoleCredentialsMessage): void {
    this.#tell(`stored fresh execution role credentials of task ${shortArn(taskArn ?? "")}`);
  }

  /** The tasks that it holds and the manifest does not list as running. */
  compareRunningTasksOnInstanceWithManifest(message: TaskManifestMessage): TaskIdentifier[] {
    const listed = new Set(
      (message.tasks ?? []).filter((task) => task?.desiredStatus !== STOPPED)
        .map((task) => task?.taskArn),
    );
    const unlisted = this.taskArns.filter((taskArn) => !listed.has(taskArn));
    this.#tell(
      `compared ${this.#tasks.size} task(s) with the manifest, ${unlisted.length} not in it`,
    );
    return unlisted.map((taskArn) => ({
      taskArn,
      taskClusterArn: message.clusterArn,
      desiredStatus: STOPPED,
    }));
  }

  /** Drops a task and its credentials. */
  stopTask(taskArn: string): void {
    const task = this.#tasks.get(taskArn);
    for (const id of task?.credentialsIds ?? []) this.credentialsManager.removeCredentials(id);
    this.#tasks.delete(taskArn);
    this.#tell(`stopped task ${shortArn(taskArn)}`);
  }

  /** Notes a network interface. */
  handleEniAttachment(
    { attachmentType, macAddress }: { attachmentType: string; macAddress: string },
  ): void {
    this.#tell(`would wait for the ${attachmentType} ${macAddress}`);
  }

  /** Notes a resource. */
  handleResourceAttachment({ attachmentArn }: { attachmentArn: string }): void {
    this.#tell(`would wait for the attachment ${shortArn(attachmentArn)}`);
  }

  async #take(task: Task | null): Promise<IAMRoleCredentialsAckRequest[]> {
    if (!task?.arn) throw new Error("a task has no ARN");
    if (!this.#tasks.has(task.arn) && this.#tasks.size >= MAX_TASKS) {
      throw new Error(`${MAX_TASKS} tasks are held, and no more are taken before some are stopped`);
    }
    task.elasticNetworkInterfaces?.forEach(validateEni);
    const acks = [
      ...await this.#keep(task.arn, "TaskApplication", task.roleCredentials),
      ...await this.#keep(task.arn, "TaskExecution", task.executionRoleCredentials),
    ];
    this.#tasks.set(task.arn, { credentialsIds: acks.map((ack) => ack.credentialsId ?? "") });
    if (task.desiredStatus === STOPPED) {
      this.stopTask(task.arn);
      return acks;
    }
    this.#tell(`took task ${shortArn(task.arn)} (${task.family ?? "no family"}), starts nothing`);
    return acks;
  }

  async #keep(
    arn: string,
    roleType: RoleType,
    iamRoleCredentials: IAMRoleCredentials | null | undefined,
  ): Promise<IAMRoleCredentialsAckRequest[]> {
    if (!iamRoleCredentials) return [];
    await this.credentialsManager.setTaskCredentials({ arn, roleType, iamRoleCredentials });
    const { expiration, credentialsId } = iamRoleCredentials;
    return [{ expiration, credentialsId }];
  }
}

/** A start is only right once all stops of the same payload are done. */
function stoppedFirst(tasks: readonly (Task | null)[]): (Task | null)[] {
  const isStopped = (task: Task | null) => task?.desiredStatus === STOPPED;
  return [...tasks.filter(isStopped), ...tasks.filter((task) => !isStopped(task))];
}

/** The last part of an ARN, which is what people recognise. */
function shortArn(arn: string): string {
  return arn.slice(arn.lastIndexOf("/") + 1);
}
