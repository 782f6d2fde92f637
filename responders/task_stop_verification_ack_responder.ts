/**
 * Stops the tasks that the service has verified not to belong here.
 *
 * @module
 */

import { InvalidMessageError } from "./invalid_message_error.ts";
import { awaitedManifestId, type ManifestMessageIdAccessor } from "./manifest_message_id.ts";
import type { RequestResponder } from "./responder.ts";

/** The agent's handler that stops tasks. */
export interface TaskStopper {
  /** Stops a task whose stop the service has confirmed. */
  stopTask(taskArn: string): void | Promise<void>;
}

/**
 * Stops each task of a verification that answers the last manifest. There is no acknowledgement.
 *
 * @param taskStopper The agent's handler.
 * @param manifestMessageId Says whose verification is expected.
 * @returns The responder.
 */
export function taskStopVerificationAckResponder(
  taskStopper: TaskStopper,
  manifestMessageId: ManifestMessageIdAccessor,
): RequestResponder<"TaskStopVerificationAck"> {
  return {
    name: "task stop verification ack responder",
    messageType: "TaskStopVerificationAck",
    lane: "payload",
    redelivery: "new",
    async handleMessage(message) {
      const { messageId } = message;
      if (!messageId || messageId !== awaitedManifestId(manifestMessageId)) {
        throw new InvalidMessageError("it does not answer the last manifest");
      }
      // Cleared first, so that a repeat does nothing even if a stop fails.
      await manifestMessageId.setMessageId("");
      await stopEach(taskStopper, (message.stopTasks ?? []).map((task) => task?.taskArn ?? ""));
    },
  };
}

/** Stops every task, even if an earlier one could not be stopped. */
async function stopEach(taskStopper: TaskStopper, taskArns: readonly string[]): Promise<void> {
  const errors: unknown[] = [];
  const failed: string[] = [];
  for (const taskArn of taskArns) {
    if (taskArn === "") continue;
    try {
      await taskStopper.stopTask(taskArn);
    } catch (error) {
      errors.push(error);
      failed.push(taskArn);
    }
  }
  if (errors.length === 0) return;
  throw new AggregateError(errors, `could not stop ${failed.join(", ")}`);
}
