/**
 * Handles manifests: the list of all tasks that the service believes to be on this instance.
 *
 * @module
 */

import type { TaskIdentifier, TaskManifestMessage } from "../protocol/messages.ts";
import { InvalidMessageError } from "./invalid_message_error.ts";
import type { ManifestMessageIdAccessor } from "./manifest_message_id.ts";
import type { RequestResponder } from "./responder.ts";
import { ackRequestOf } from "./rules.ts";
import { latestSequenceNumber, type SequenceNumberAccessor } from "./sequence_number.ts";
import { stopCandidatesOf } from "./stop_candidates.ts";

/** The agent's handler of manifests. */
export interface TaskComparer {
  /**
   * Compares the tasks that run here with the manifest.
   *
   * @param message The manifest.
   * @returns The running tasks that are not in it: candidates to be stopped. Throwing, or returning
   * anything but a list of tasks or nothing, means that the manifest is not acknowledged.
   */
  compareRunningTasksOnInstanceWithManifest(
    message: TaskManifestMessage,
  ): TaskIdentifier[] | Promise<TaskIdentifier[]>;
}

/**
 * Acknowledges a manifest that is newer than all earlier ones, and requests verification of the
 * running tasks that it does not list.
 *
 * @param taskComparer The agent's comparer.
 * @param sequenceNumbers Determine whether the manifest is new.
 * @param manifestMessageId Remembers the manifest whose verification is expected.
 * @returns The responder.
 */
export function taskManifestResponder(
  taskComparer: TaskComparer,
  sequenceNumbers: SequenceNumberAccessor,
  manifestMessageId: ManifestMessageIdAccessor,
): RequestResponder<"TaskManifestMessage"> {
  return {
    name: "task manifest responder",
    messageType: "TaskManifestMessage",
    lane: "payload",
    redelivery: "new",
    async handleMessage(message, { respond }) {
      const timeline = message.timeline ?? 0;
      const latest = latestSequenceNumber(sequenceNumbers);
      if (timeline <= latest) {
        throw new InvalidMessageError(
          `out of date: its timeline ${timeline} is not greater than the latest known ${latest}`,
          "timeline",
        );
      }
      // First, because a step that fails before the number is saved can be repeated when the
      // manifest is redelivered.
      const stopCandidates = stopCandidatesOf(
        await taskComparer.compareRunningTasksOnInstanceWithManifest(message),
      );
      await manifestMessageId.setMessageId(message.messageId ?? "");
      await sequenceNumbers.setLatestSequenceNumber(timeline);
      respond("AckRequest", ackRequestOf(message));
      if (stopCandidates.length === 0) return;
      respond("TaskStopVerificationMessage", { messageId: message.messageId, stopCandidates });
    },
  };
}
