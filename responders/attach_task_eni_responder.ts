/**
 * Handles network interfaces that will be attached for one task.
 *
 * @module
 */

import { AttachmentWaits } from "./attachment_waits.ts";
import { type EniHandler, handleAttachMessage } from "./eni_attachment.ts";
import type { RequestResponder } from "./responder.ts";
import { requireText } from "./rules.ts";

/**
 * Passes each interface that is not already being waited for to the agent as a `task-eni`, and
 * acknowledges.
 *
 * @param handler The agent's handler.
 * @returns The responder.
 */
export function attachTaskEniResponder(
  handler: EniHandler,
): RequestResponder<"AttachTaskNetworkInterfacesMessage"> {
  const waits = new AttachmentWaits();
  return {
    name: "attach task ENI responder",
    messageType: "AttachTaskNetworkInterfacesMessage",
    lane: "attachments",
    handleMessage(message, context) {
      requireText(message.taskArn, "taskArn");
      handleAttachMessage("task-eni", message, handler, waits, context);
    },
  };
}
