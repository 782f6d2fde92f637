/**
 * Takes network interfaces that are about to appear for one task.
 *
 * @module
 */

import { type EniHandler, handleAttachMessage } from "./eni_attachment.ts";
import type { RequestResponder } from "./responder.ts";
import { requireText } from "./rules.ts";

/**
 * Hands each interface to the agent as a `task-eni` and acknowledges.
 *
 * @param handler The agent's part.
 * @returns The responder.
 */
export function attachTaskEniResponder(
  handler: EniHandler,
): RequestResponder<"AttachTaskNetworkInterfacesMessage"> {
  return {
    name: "attach task ENI responder",
    messageType: "AttachTaskNetworkInterfacesMessage",
    handleMessage(message, context) {
      requireText(message.taskArn, "taskArn");
      handleAttachMessage("task-eni", message, handler, context);
    },
  };
}
