/**
 * Handles network interfaces that will be attached to the container instance itself.
 *
 * @module
 */

import { AttachmentWaits } from "./attachment_waits.ts";
import { type EniHandler, handleAttachMessage } from "./eni_attachment.ts";
import type { RequestResponder } from "./responder.ts";

/**
 * Passes each interface that is not already being waited for to the agent as an `instance-eni`, and
 * acknowledges.
 *
 * @param handler The agent's handler.
 * @returns The responder.
 */
export function attachInstanceEniResponder(
  handler: EniHandler,
): RequestResponder<"AttachInstanceNetworkInterfacesMessage"> {
  const waits = new AttachmentWaits();
  return {
    name: "attach instance ENI responder",
    messageType: "AttachInstanceNetworkInterfacesMessage",
    lane: "attachments",
    handleMessage(message, context) {
      handleAttachMessage("instance-eni", message, handler, waits, context);
    },
  };
}
