/**
 * Takes payloads: the tasks to start, change or stop.
 *
 * @module
 */

import type { IAMRoleCredentialsAckRequest, PayloadMessage } from "../wsclient/messages.ts";
import type { RequestResponder } from "./responder.ts";
import { ackRequestOf, requireAckable } from "./rules.ts";
import type { SequenceNumberAccessor } from "./sequence_number.ts";

/**
 * Acknowledges a payload. Call it once every task has been taken; a second call does nothing.
 *
 * @param credentials For each credentials received with a task, what is acknowledged of it. A
 * missing `messageId` is the payload's.
 * @returns Settles when the acknowledgements are handed to the connection; never rejects, since the
 * service sends the payload again if they get lost.
 */
export type PayloadAck = (
  credentials?: readonly IAMRoleCredentialsAckRequest[],
) => Promise<void>;

/** The agent's part in payloads. */
export interface PayloadMessageHandler {
  /**
   * Takes the tasks of a payload and calls `ack` if it has taken every one. Must be idempotent: a
   * payload whose acknowledgement got lost comes again. Throwing means: not taken.
   *
   * @param message The payload.
   * @param ack Acknowledges it.
   */
  processMessage(message: PayloadMessage, ack: PayloadAck): void | Promise<void>;
}

/**
 * Hands payloads to the agent.
 *
 * @param handler The agent's part.
 * @param sequenceNumbers Raised to the payload's seqNum, taken or not, so that a manifest made
 * before the payload is recognised as out of date.
 * @returns The responder.
 */
export function payloadResponder(
  handler: PayloadMessageHandler,
  sequenceNumbers: SequenceNumberAccessor,
): RequestResponder<"PayloadMessage"> {
  return {
    name: "payload responder",
    messageType: "PayloadMessage",
    async handleMessage(message, { respond }) {
      requireAckable(message);
      let acknowledged = false;
      const ack: PayloadAck = (credentials = []) => {
        if (acknowledged) return Promise.resolve();
        acknowledged = true;
        respond("AckRequest", ackRequestOf(message));
        for (const each of credentials) {
          const messageId = each.messageId ?? message.messageId;
          respond("IAMRoleCredentialsAckRequest", { ...each, messageId });
        }
        return Promise.resolve();
      };
      const errors = [
        ...await errorOf(() => handler.processMessage(message, ack)),
        ...await errorOf(() => raise(sequenceNumbers, message.seqNum)),
      ];
      if (errors.length > 1) throw new AggregateError(errors, "neither taken nor its number saved");
      if (errors.length > 0) throw errors[0];
    },
  };
}

async function raise(
  sequenceNumbers: SequenceNumberAccessor,
  seqNum: number | null | undefined,
): Promise<void> {
  if (typeof seqNum !== "number") return;
  if (seqNum <= sequenceNumbers.getLatestSequenceNumber()) return;
  await sequenceNumbers.setLatestSequenceNumber(seqNum);
}

/** What the work throws, if it does: the second step is to be done whether the first fails or not. */
async function errorOf(work: () => void | Promise<void>): Promise<unknown[]> {
  try {
    await work();
    return [];
  } catch (error) {
    return [error];
  }
}
