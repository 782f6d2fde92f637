/**
 * Handles resources, such as EBS volumes, that will be attached.
 *
 * @module
 */

import { isArn } from "../protocol/arn.ts";
import type { Attachment, ConfirmAttachmentMessage } from "../protocol/messages.ts";
import { AttachmentWaits } from "./attachment_waits.ts";
import { InvalidMessageError } from "./invalid_message_error.ts";
import type { RequestResponder } from "./responder.ts";
import { ackRequestOf, expiryOf, requireText } from "./rules.ts";
import { validateAttachmentProperties } from "./attachment_properties.ts";

/** How long the service waits if a message does not say, in ms: the reference's five minutes. */
export const DEFAULT_ATTACHMENT_WAIT_TIMEOUT_MS = 300_000;

/** A resource that will be attached. */
export interface ResourceAttachment {
  /** The attachment's ARN. */
  readonly attachmentArn: string;
  /**
   * The attachment's type, such as `"amazonebs"`; empty for attachments identified by their
   * `resourceType` property.
   */
  readonly attachmentType: string;
  /** The attachment's properties, by name. */
  readonly attachmentProperties: ReadonlyMap<string, string>;
  /** The task's ARN; empty if it is for no task. */
  readonly taskArn: string;
  /** The ARN of the task's cluster. */
  readonly taskClusterArn: string;
  /** The cluster's ARN. */
  readonly clusterArn: string;
  /** The container instance's ARN. */
  readonly containerInstanceArn: string;
  /** When the service stops waiting for it. */
  readonly expiresAt: Date;
}

/** The agent's handler of attached resources. */
export interface ResourceHandler {
  /**
   * Waits for the resource and reports it. Runs in the background: the message has been
   * acknowledged. A copy of the attachment that arrives meanwhile is acknowledged and joins this
   * call; one that arrives after it has ended starts another call. Must be idempotent.
   */
  handleResourceAttachment(attachment: ResourceAttachment): void | Promise<void>;
}

/**
 * Passes a resource that is not already being waited for to the agent, and acknowledges.
 *
 * @param handler The agent's handler.
 * @returns The responder.
 */
export function attachResourceResponder(
  handler: ResourceHandler,
): RequestResponder<"ConfirmAttachmentMessage"> {
  const waits = new AttachmentWaits();
  return {
    name: "attach resource responder",
    messageType: "ConfirmAttachmentMessage",
    lane: "attachments",
    handleMessage(message, context) {
      const described = validate(message);
      const waitTimeoutMs = message.waitTimeoutMs || DEFAULT_ATTACHMENT_WAIT_TIMEOUT_MS;
      const attachment = {
        attachmentArn: described.attachmentArn ?? "",
        attachmentType: described.attachmentType ?? "",
        attachmentProperties: validateAttachmentProperties(described),
        taskArn: message.taskArn ?? "",
        taskClusterArn: message.taskClusterArn ?? "",
        clusterArn: message.clusterArn ?? "",
        containerInstanceArn: message.containerInstanceArn ?? "",
        expiresAt: expiryOf(context.receivedAt, waitTimeoutMs),
      };
      waits.start(attachment, context, (each) => handler.handleResourceAttachment(each));
      context.respond("AckRequest", ackRequestOf(message));
    },
  };
}

function validate(message: ConfirmAttachmentMessage): Attachment {
  requireText(message.messageId, "messageId");
  requireArn(message.clusterArn, "clusterArn");
  requireArn(message.containerInstanceArn, "containerInstanceArn");
  const { attachment } = message;
  if (!attachment) throw new InvalidMessageError("attachment is missing", "attachment");
  requireArn(attachment.attachmentArn, "attachment.attachmentArn");
  return attachment;
}

function requireArn(value: string | null | undefined, name: string): void {
  if (isArn(value)) return;
  throw new InvalidMessageError(`${name} is not an ARN`, name);
}
