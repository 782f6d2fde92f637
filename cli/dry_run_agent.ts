/**
 * An agent that accepts every task and starts none: it does what the service expects of an agent
 * and nothing to the machine.
 *
 * @module
 */

import { type EniHandler, validateEni } from "../responders/eni_attachment.ts";
import type { ResourceHandler } from "../responders/attach_resource_responder.ts";
import type { PayloadAck, PayloadMessageHandler } from "../responders/payload_responder.ts";
import type { CredentialsMetadataSetter } from "../responders/refresh_credentials_responder.ts";
import type { TaskComparer } from "../responders/task_manifest_responder.ts";
import type { TaskStopper } from "../responders/task_stop_verification_ack_responder.ts";
import type {
  IAMRoleCredentialsMessage,
  PayloadMessage,
  Task,
  TaskIdentifier,
  TaskManifestMessage,
} from "../protocol/messages.ts";

const STOPPED = "STOPPED";

/** Maximum number of tasks. Our choice: an instance runs a few hundred. */
const MAX_TASKS = 10_000;

/** Longer ARNs are refused, in UTF-16 code units. AWS's own have 2,048 at most. */
const MAX_ARN_LENGTH = 2_048;

/** The task that an action of the agent is about. */
export interface ReportedTask {
  /** Its ARN. */
  readonly taskArn: string;
  /** Its family, if it has one. */
  readonly family?: string | undefined;
}

/** Maximum displayed length of an id, in characters; a task's has 32. */
const MAX_ID_LENGTH = 8;

/** Accepts tasks, compares them with manifests, and drops those that are stopped. */
export class DryRunAgent
  implements
    PayloadMessageHandler,
    CredentialsMetadataSetter,
    TaskComparer,
    TaskStopper,
    EniHandler,
    ResourceHandler {
  /** The ARNs of the tasks that it holds. */
  readonly #tasks: Set<string> = new Set();
  readonly #report: (what: string, about?: ReportedTask) => void;

  /**
   * Creates an agent without tasks.
   *
   * @param report Called with a short description of each action, and the task that it concerns.
   */
  constructor(report: (what: string, about?: ReportedTask) => void) {
    this.#report = report;
  }

  /** The ARNs of the tasks that it holds. */
  get taskArns(): string[] {
    return [...this.#tasks];
  }

  /**
   * Accepts the tasks of a payload, those to be stopped first, and acknowledges the payload with
   * its credentials, which the session has stored.
   *
   * @throws {Error} If a task could not be accepted; the others have been.
   */
  async processMessage(message: PayloadMessage, ack: PayloadAck): Promise<void> {
    const refused: string[] = [];
    for (const task of stoppedFirst(message.tasks ?? [])) {
      try {
        this.#take(task);
      } catch (error) {
        refused.push(error instanceof Error ? error.message : String(error));
      }
    }
    if (refused.length > 0) throw new Error(`did not accept all tasks: ${refused.join("; ")}`);
    await ack();
  }

  /** Records that the credentials of a task's role were stored. */
  setTaskRoleCredentialsMetadata({ taskArn }: IAMRoleCredentialsMessage): void {
    this.#report(`stored fresh role credentials of task ${shortArn(taskArn ?? "")}`);
  }

  /** Records that the credentials of a task's execution role were stored. */
  setExecRoleCredentialsMetadata({ taskArn }: IAMRoleCredentialsMessage): void {
    this.#report(`stored fresh execution role credentials of task ${shortArn(taskArn ?? "")}`);
  }

  /** The tasks that it holds and the manifest does not list as running. */
  compareRunningTasksOnInstanceWithManifest(message: TaskManifestMessage): TaskIdentifier[] {
    const listed = new Set(
      (message.tasks ?? []).filter((task) => task?.desiredStatus !== STOPPED)
        .map((task) => task?.taskArn),
    );
    const unlisted = this.taskArns.filter((taskArn) => !listed.has(taskArn));
    this.#report(
      `compared ${this.#tasks.size} ${
        this.#tasks.size === 1 ? "task" : "tasks"
      } with the manifest, ` +
        `${unlisted.length} not in it`,
    );
    return unlisted.map((taskArn) => ({
      taskArn,
      taskClusterArn: message.clusterArn,
      desiredStatus: STOPPED,
    }));
  }

  /** Drops a task. */
  stopTask(taskArn: string): void {
    this.#tasks.delete(taskArn);
    this.#report(`stopped task ${shortArn(taskArn)}`, { taskArn });
  }

  /** Reports a network interface. */
  handleEniAttachment(
    { attachmentType, macAddress }: { attachmentType: string; macAddress: string },
  ): void {
    this.#report(`would wait for the ${attachmentType} ${macAddress}`);
  }

  /** Reports a resource. */
  handleResourceAttachment({ attachmentArn }: { attachmentArn: string }): void {
    this.#report(`would wait for the attachment ${shortArn(attachmentArn)}`);
  }

  #take(task: Task | null): void {
    if (!task?.arn) throw new Error("a task has no ARN");
    if (task.arn.length > MAX_ARN_LENGTH) {
      throw new Error(`a task's ARN has more than ${MAX_ARN_LENGTH} characters`);
    }
    if (!this.#tasks.has(task.arn) && this.#tasks.size >= MAX_TASKS) {
      throw new Error(
        `${MAX_TASKS} tasks are held, and no more are accepted until some are stopped`,
      );
    }
    task.elasticNetworkInterfaces?.forEach(validateEni);
    if (task.desiredStatus === STOPPED) return this.stopTask(task.arn);
    this.#tasks.add(task.arn);
    this.#report(
      `accepted task ${shortArn(task.arn)} (${task.family ?? "no family"}), not started`,
      {
        taskArn: task.arn,
        family: task.family ?? undefined,
      },
    );
  }
}

/** A start is only correct once all stops in the same payload are done. */
function stoppedFirst(tasks: readonly (Task | null)[]): (Task | null)[] {
  const isStopped = (task: Task | null) => task?.desiredStatus === STOPPED;
  return [...tasks.filter(isStopped), ...tasks.filter((task) => !isStopped(task))];
}

/** The end of an ARN, which is enough to distinguish ARNs. */
function shortArn(arn: string): string {
  const id = arn.slice(arn.lastIndexOf("/") + 1);
  return id.length <= MAX_ID_LENGTH ? id : `…${id.slice(-MAX_ID_LENGTH)}`;
}
