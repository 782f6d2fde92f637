/**
 * Hands the service's wish to update the agent to the agent.
 *
 * @module
 */

import type { PerformUpdateMessage, StageUpdateMessage } from "../protocol/messages.ts";
import type { RequestResponder, Respond } from "./responder.ts";
import { ackRequestOf, requireText } from "./rules.ts";

/** Answers an update message; the first answer counts. */
export interface UpdateAnswer {
  /** The update was taken. */
  ack(): void;
  /**
   * The update was not taken.
   *
   * @param reason Why, for people.
   */
  nack(reason: string): void;
}

/** The agent's part in updates. Used only when the container runtime is not containerd. */
export interface UpdateHandler {
  /**
   * Downloads an update and checks its signature. May take as long as `timing.updateStuckMs`; other
   * messages are handled meanwhile.
   */
  stageUpdate(message: StageUpdateMessage, answer: UpdateAnswer): void | Promise<void>;
  /** Installs the staged update; usually the process ends. */
  performUpdate(message: PerformUpdateMessage, answer: UpdateAnswer): void | Promise<void>;
}

/** What is said of an update that the agent has no handler for: the reference's words. */
const UPDATES_DISABLED = "Updates are disabled";

/** Refuses every update, as the reference does where updates are not enabled. */
export const REFUSING_UPDATES: UpdateHandler = {
  stageUpdate: (_message, { nack }) => nack(UPDATES_DISABLED),
  performUpdate: (_message, { nack }) => nack(UPDATES_DISABLED),
};

/**
 * Responds to StageUpdateMessage by the agent's handler. One without a message id is invalid: nobody
 * could be told how the download went.
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
 * Responds to PerformUpdateMessage by the agent's handler, with or without a message id, as the
 * reference does: what was downloaded is known.
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
