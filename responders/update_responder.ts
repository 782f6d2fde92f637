/**
 * Hands the service's wish to update the agent to the agent.
 *
 * @module
 */

import type { PerformUpdateMessage, StageUpdateMessage } from "../protocol/messages.ts";
import type { RequestResponder, Respond } from "./responder.ts";
import { ackRequestOf } from "./rules.ts";

/** Answers an update message. */
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
  /** Downloads an update and checks its signature. */
  stageUpdate(message: StageUpdateMessage, answer: UpdateAnswer): void | Promise<void>;
  /** Installs the staged update; usually the process ends. */
  performUpdate(message: PerformUpdateMessage, answer: UpdateAnswer): void | Promise<void>;
}

/** Responds to StageUpdateMessage by the agent's handler. */
export function stageUpdateResponder(
  handler: UpdateHandler,
): RequestResponder<"StageUpdateMessage"> {
  return {
    name: "stage update responder",
    messageType: "StageUpdateMessage",
    handleMessage: (message, { respond }) =>
      handler.stageUpdate(message, updateAnswer(message, respond)),
  };
}

/** Responds to PerformUpdateMessage by the agent's handler. */
export function performUpdateResponder(
  handler: UpdateHandler,
): RequestResponder<"PerformUpdateMessage"> {
  return {
    name: "perform update responder",
    messageType: "PerformUpdateMessage",
    handleMessage: (message, { respond }) =>
      handler.performUpdate(message, updateAnswer(message, respond)),
  };
}

function updateAnswer(
  message: StageUpdateMessage | PerformUpdateMessage,
  respond: Respond,
): UpdateAnswer {
  return {
    ack: () => respond("AckRequest", ackRequestOf(message)),
    nack: (reason) => respond("NackRequest", { ...ackRequestOf(message), reason }),
  };
}
