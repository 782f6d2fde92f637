/**
 * The agent's handlers, given one by one or as the methods of one object.
 *
 * @module
 */

import type { OptionNames } from "../internal/option_names.ts";
import type { ResourceHandler } from "../responders/attach_resource_responder.ts";
import type { EniHandler } from "../responders/eni_attachment.ts";
import type { PayloadMessageHandler } from "../responders/payload_responder.ts";
import type { CredentialsMetadataSetter } from "../responders/refresh_credentials_responder.ts";
import type { TaskComparer } from "../responders/task_manifest_responder.ts";
import type { TaskStopper } from "../responders/task_stop_verification_ack_responder.ts";
import type { UpdateHandler } from "../responders/update_responder.ts";

/**
 * Handlers one by one: each is an object with the methods that the reference agent has under the
 * same names.
 */
export interface HandlerOptions {
  /** Starts and stops tasks. */
  readonly payloadMessageHandler?: PayloadMessageHandler;
  /** Notified when a task's credentials have been refreshed and stored. */
  readonly credentialsMetadataSetter?: CredentialsMetadataSetter;
  /** Waits for network interfaces. */
  readonly eniHandler?: EniHandler;
  /** Waits for other resources, such as volumes. */
  readonly resourceHandler?: ResourceHandler;
  /** Compares the running tasks with a manifest. */
  readonly taskComparer?: TaskComparer;
  /** Stops tasks that the service has confirmed. */
  readonly taskStopper?: TaskStopper;
  /**
   * Updates the agent. Default: an update is refused with `Updates are disabled`. With containerd
   * it is not called, and an update is not answered.
   */
  readonly updateHandler?: UpdateHandler;
}

/** The names of the handler options. */
export const HANDLER_OPTION_NAMES: OptionNames<HandlerOptions> = {
  payloadMessageHandler: true,
  credentialsMetadataSetter: true,
  eniHandler: true,
  resourceHandler: true,
  taskComparer: true,
  taskStopper: true,
  updateHandler: true,
};

/** The methods of all handlers. */
export interface AgentHandlers
  extends
    PayloadMessageHandler,
    EniHandler,
    ResourceHandler,
    TaskComparer,
    TaskStopper,
    UpdateHandler,
    CredentialsMetadataSetter {}

/** Each handler, or `undefined` where the agent has none. */
export type ResolvedHandlers = {
  readonly [K in keyof Required<HandlerOptions>]: HandlerOptions[K] | undefined;
};

/**
 * Combines the agent's handlers.
 *
 * @param options Handlers one by one, and `handlers`, an object whose methods are handlers. A
 * handler given by its own option takes precedence over a method of that object.
 * @returns The handlers to use. Methods are called on the object that has them.
 */
export function resolveHandlers(
  options: HandlerOptions & { readonly handlers?: Partial<AgentHandlers> },
): ResolvedHandlers {
  const methods = options.handlers === undefined ? undefined : handlersOf(options.handlers);
  return {
    payloadMessageHandler: options.payloadMessageHandler ?? methods?.payloadMessageHandler,
    credentialsMetadataSetter: options.credentialsMetadataSetter ??
      methods?.credentialsMetadataSetter,
    eniHandler: options.eniHandler ?? methods?.eniHandler,
    resourceHandler: options.resourceHandler ?? methods?.resourceHandler,
    taskComparer: options.taskComparer ?? methods?.taskComparer,
    taskStopper: options.taskStopper ?? methods?.taskStopper,
    updateHandler: options.updateHandler ?? methods?.updateHandler,
  };
}

function handlersOf(agent: Partial<AgentHandlers>): ResolvedHandlers {
  const {
    processMessage,
    handleEniAttachment,
    handleResourceAttachment,
    compareRunningTasksOnInstanceWithManifest,
    stopTask,
    stageUpdate,
    performUpdate,
    setTaskRoleCredentialsMetadata,
    setExecRoleCredentialsMetadata,
  } = agent;
  const setsMetadata = setTaskRoleCredentialsMetadata ?? setExecRoleCredentialsMetadata;
  return {
    payloadMessageHandler: processMessage && {
      processMessage: (message, ack) => processMessage.call(agent, message, ack),
    },
    credentialsMetadataSetter: setsMetadata && {
      setTaskRoleCredentialsMetadata: (message) =>
        setTaskRoleCredentialsMetadata?.call(agent, message),
      setExecRoleCredentialsMetadata: (message) =>
        setExecRoleCredentialsMetadata?.call(agent, message),
    },
    eniHandler: handleEniAttachment && {
      handleEniAttachment: (attachment) => handleEniAttachment.call(agent, attachment),
    },
    resourceHandler: handleResourceAttachment && {
      handleResourceAttachment: (attachment) => handleResourceAttachment.call(agent, attachment),
    },
    taskComparer: compareRunningTasksOnInstanceWithManifest && {
      compareRunningTasksOnInstanceWithManifest: (message) =>
        compareRunningTasksOnInstanceWithManifest.call(agent, message),
    },
    taskStopper: stopTask && { stopTask: (taskArn) => stopTask.call(agent, taskArn) },
    updateHandler: stageUpdate && performUpdate && {
      stageUpdate: (message, answer) => stageUpdate.call(agent, message, answer),
      performUpdate: (message, answer) => performUpdate.call(agent, message, answer),
    },
  };
}
