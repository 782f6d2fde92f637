/**
 * Handles the fresh credentials of a task.
 *
 * @module
 */

import type { IAMRoleCredentials, IAMRoleCredentialsMessage } from "../protocol/messages.ts";
import type { CredentialsManager, RoleType } from "./credentials_manager.ts";
import { InvalidMessageError } from "./invalid_message_error.ts";
import { hasNewer } from "./newer_credentials.ts";
import type { RequestResponder } from "./responder.ts";
import { requireText } from "./rules.ts";
import type { StoppedTasks } from "./stopped_tasks.ts";

/** Notified after fresh credentials have been stored, to update what else depends on them. */
export interface CredentialsMetadataSetter {
  /** The credentials are for the task's containers. */
  setTaskRoleCredentialsMetadata?(message: IAMRoleCredentialsMessage): void | Promise<void>;
  /** The credentials are for the agent on the task's behalf. */
  setExecRoleCredentialsMetadata?(message: IAMRoleCredentialsMessage): void | Promise<void>;
}

/**
 * Stores credentials, notifies the metadata setter, then acknowledges.
 *
 * @param credentialsManager Where to store them.
 * @param metadataSetter Notified afterwards.
 * @param stoppedTasks Tasks whose credentials are acknowledged but not stored.
 * @returns The responder.
 */
export function refreshCredentialsResponder(
  credentialsManager: CredentialsManager,
  metadataSetter: CredentialsMetadataSetter = {},
  stoppedTasks?: StoppedTasks,
): RequestResponder<"IAMRoleCredentialsMessage"> {
  return {
    name: "refresh credentials responder",
    messageType: "IAMRoleCredentialsMessage",
    lane: "credentials",
    async handleMessage(message, { respond }) {
      const { arn, roleType, iamRoleCredentials, credentialsId } = validate(message);
      const isWanted = !stoppedTasks?.has(arn) &&
        !hasNewer(credentialsManager, credentialsId, iamRoleCredentials);
      if (isWanted) {
        await credentialsManager.setTaskCredentials({ arn, roleType, iamRoleCredentials });
        if (roleType === "TaskApplication") {
          await metadataSetter.setTaskRoleCredentialsMetadata?.(message);
        } else {
          await metadataSetter.setExecRoleCredentialsMetadata?.(message);
        }
      }
      respond("IAMRoleCredentialsAckRequest", {
        messageId: message.messageId,
        expiration: iamRoleCredentials.expiration,
        credentialsId: iamRoleCredentials.credentialsId,
      });
    },
  };
}

function validate(
  message: IAMRoleCredentialsMessage,
): {
  arn: string;
  roleType: RoleType;
  iamRoleCredentials: IAMRoleCredentials;
  credentialsId: string;
} {
  requireText(message.messageId, "messageId");
  const arn = requireText(message.taskArn, "taskArn");
  const iamRoleCredentials = message.roleCredentials;
  if (!iamRoleCredentials) {
    throw new InvalidMessageError("roleCredentials is missing", "roleCredentials");
  }
  const credentialsId = requireText(
    iamRoleCredentials.credentialsId,
    "roleCredentials.credentialsId",
  );
  const { roleType } = message;
  if (roleType !== "TaskApplication" && roleType !== "TaskExecution") {
    throw new InvalidMessageError(
      "roleType is neither TaskApplication nor TaskExecution",
      "roleType",
    );
  }
  return { arn, roleType, iamRoleCredentials, credentialsId };
}
