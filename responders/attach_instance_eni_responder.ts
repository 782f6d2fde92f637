/**
 * Takes network interfaces that are about to appear for the container instance itself.
 *
 * @module
 */

import { type EniHandler, handleAttachMessage } from "./eni_attachment.ts";
import type { RequestResponder } from "./responder.ts";

/**
 * Hands each interface to the agent as an `instance-eni` and acknowledges.
 *
 * @param handler The agent's part.
 * @returns The responder.
 */
export function attachInstanceEniResponder(
  handler: EniHandler,
): RequestResponder<"AttachInstanceNetworkInterfacesMessage"> {
  return {
    name: "attach instance ENI responder",
    messageType: "AttachInstanceNetworkInterfacesMessage",
    handleMessage(message, context) {
      handleAttachMessage("instance-eni", message, handler, context);
    },
  };
}
