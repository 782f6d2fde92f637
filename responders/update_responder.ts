/**
 * Passes update requests to the agent.
 *
 * @module
 */

import type { PerformUpdateMessage, StageUpdateMessage } from "../protocol/messages.ts";
import type { RequestResponder, Respond } from "./responder.ts";
import { ackRequestOf, requireText } from "./rules.ts";

/** Answers an update message; only the first answer is sent. */
export interface UpdateAnswer {
  /** The update was accepted. */
  ack(): void;
  /**
   * The update was not accepted.
   *
   * @param reason The reason, for humans.
   */
  nack(reason: string): void;
}

/** The agent's handler of updates. Used only if the container runtime is not containerd. */
export interface UpdateHandler {
  /**
   * Downloads an update and checks its signature. May take as long as `timing.updateStuckMs`; other
   * messages are handled meanwhile.
   */
  stageUpdate(message: StageUpdateMessage, answer: UpdateAnswer): void | Promise<void>;
  /** Installs the staged update; usually the process ends. */
  performUpdate(message: PerformUpdateMessage, answer: UpdateAnswer): void | Promise<void>;
}

/** The reason sent if the agent has no update handler: the reference's text. */
const UPDATES_DISABLED = "Updates are disabled";

/** Refuses every update, as the reference does if updates are not enabled. */
export const REFUSING_UPDATES: UpdateHandler = {
  stageUpdate: (_message, { nack }) => nack(UPDATES_DISABLED),
  performUpdate: (_message, { nack }) => nack(UPDATES_DISABLED),
};

/**
 * Responds to StageUpdateMessage with the agent's handler. One without a message id is invalid: the
 * outcome of the download could not be reported.
 */
export function stageUpdateResponder(
  handler: UpdateHandler,
): RequestResponder<"StageUpdateMessage"> {
  return {
    name: "stage update responder",
    messageType: "StageUpdateMessage",
    lane: "updates",
    handleMessage(message, { respond }) {
      requireText(message.messageId, "messageId");
      return handler.stageUpdate(message, updateAnswer(message, respond));
    },
  };
}

/**
 * Responds to PerformUpdateMessage with the agent's handler, with or without a message id, as the
 * reference does: the earlier download is known.
 */
export function performUpdateResponder(
  handler: UpdateHandler,
): RequestResponder<"PerformUpdateMessage"> {
  return {
    name: "perform update responder",
    messageType: "PerformUpdateMessage",
    lane: "updates",
    handleMessage: (message, { respond }) =>
      handler.performUpdate(message, updateAnswer(message, respond)),
  };
}

function updateAnswer(
  message: StageUpdateMessage | PerformUpdateMessage,
  respond: Respond,
): UpdateAnswer {
  let isAnswered = false;
  const once = (answer: () => void) => {
    if (isAnswered) return;
    isAnswered = true;
    answer();
  };
  return {
    ack: () => once(() => respond("AckRequest", ackRequestOf(message))),
    nack: (reason) => once(() => respond("NackRequest", { ...ackRequestOf(message), reason })),
  };
}
