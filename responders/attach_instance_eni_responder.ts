/**
 * Takes network interfaces that are about to appear for the container instance itself.
 *
 * @module
 */

import { AttachmentWaits } from "./attachment_waits.ts";
import { type EniHandler, handleAttachMessage } from "./eni_attachment.ts";
import type { RequestResponder } from "./responder.ts";

/**
 * Hands each interface that is not being waited for to the agent as an `instance-eni` and acknowledges.
 *
 * @param handler The agent's part.
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
