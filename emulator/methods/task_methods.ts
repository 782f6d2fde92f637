/**
 * The methods of an emulator that run and stop tasks, as a user of ECS does.
 *
 * @module
 */

import { checkOptionNames, type OptionNames } from "../../internal/option_names.ts";
import type { PostedMessage } from "../acs/outbox.ts";
import type {
  AttachmentControl,
  AttachNetworkInterfaceOptions,
  AttachVolumeOptions,
  PostedAttachment,
} from "../ecs/attachment_control.ts";
import type { PostedTask, RunTaskOptions, TaskControl } from "../ecs/task_control.ts";
import type { TaskRoleType } from "../samples/samples.ts";

/**
 * Runs and stops tasks, attaches resources to them, and rotates their credentials. A misspelled
 * option throws a `RangeError`.
 */
export interface TaskMethods {
  /**
   * Runs a task on a container instance, by default the one that connected last: the agent gets it
   * in a payload, with the credentials of its roles.
   *
   * While none is connected, the task waits for the first one that connects, and then belongs to
   * it.
   *
   * @param options The container instance, and the fields of the task.
   * @returns The payload's id, the task's ARN, and whether the task waits for a container instance.
   * @throws {InactiveInstanceError} If the container instance is deregistered.
   *
   * @example
   * ```ts
   * import { AcsEmulator } from "@acs/session/emulator";
   *
   * await using emulator = await AcsEmulator.listen();
   * const { taskArn } = emulator.runTask({ task: { family: "web" } });
   * emulator.rotateCredentials(taskArn);
   * emulator.stopTask(taskArn);
   * ```
   */
  runTask(options?: RunTaskOptions): PostedTask;

  /**
   * Stops a task by sending it in a payload with `desiredStatus` STOPPED.
   *
   * @param taskArn The ARN of a task that was run.
   * @throws {UnknownTaskError} If there is no such task.
   */
  stopTask(taskArn: string): PostedTask;

  /** Attaches a network interface to a task or, by default, to a container instance. */
  attachNetworkInterface(options?: AttachNetworkInterfaceOptions): PostedAttachment;

  /** Attaches an EBS volume to a task. */
  attachVolume(options?: AttachVolumeOptions): PostedAttachment;

  /**
   * Rotates the credentials of one of a task's roles: new keys under the same id.
   *
   * @param taskArn The ARN of a task that was run.
   * @param roleType The kind of role. Default `"TaskApplication"`.
   * @throws {UnknownTaskError} If there is no such task.
   */
  rotateCredentials(taskArn: string, roleType?: TaskRoleType): PostedMessage;
}

/** Creates the methods, which act on the two controls. */
export function taskMethods(tasks: TaskControl, attachments: AttachmentControl): TaskMethods {
  return {
    runTask(options = {}) {
      checkOptionNames(options, RUN_TASK_NAMES, "");
      return tasks.run(options);
    },
    stopTask: (taskArn) => tasks.stop(taskArn),
    attachNetworkInterface(options = {}) {
      checkOptionNames(options, ATTACH_NETWORK_INTERFACE_NAMES, "");
      return attachments.attachNetworkInterface(options);
    },
    attachVolume(options = {}) {
      checkOptionNames(options, ATTACH_VOLUME_NAMES, "");
      return attachments.attachVolume(options);
    },
    rotateCredentials: (taskArn, roleType) => tasks.rotate(taskArn, roleType),
  };
}

const RUN_TASK_NAMES: OptionNames<RunTaskOptions> = { containerInstanceArn: true, task: true };

const ATTACH_NETWORK_INTERFACE_NAMES: OptionNames<AttachNetworkInterfaceOptions> = {
  containerInstanceArn: true,
  taskArn: true,
  networkInterface: true,
  waitTimeoutMs: true,
};

const ATTACH_VOLUME_NAMES: OptionNames<AttachVolumeOptions> = {
  containerInstanceArn: true,
  taskArn: true,
  properties: true,
  waitTimeoutMs: true,
};
