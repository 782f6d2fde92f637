/**
 * Takes payloads: the tasks to start, change or stop.
 *
 * @module
 */

import type { IAMRoleCredentialsAckRequest, PayloadMessage } from "../protocol/messages.ts";
import { isPromiseLike } from "./promise_like.ts";
import type { RequestResponder, Respond } from "./responder.ts";
import { ackRequestOf, requireAckable } from "./rules.ts";
import { latestSequenceNumber, type SequenceNumberAccessor } from "./sequence_number.ts";

/**
 * Acknowledges a payload. Call it once every task has been taken; a second call does nothing.
 *
 * @param credentials For each credentials received with a task, what is acknowledged of it; fields
 * beyond those are not sent. A missing `messageId` is the payload's.
 * @returns Settles when the acknowledgements are handed to the connection; never rejects, since the
 * service sends the payload again if they get lost.
 * @throws {TypeError} If it is called with anything but a list; nothing is acknowledged then.
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
    handleMessage(message, { respond }) {
      requireAckable(message);
      const taken = take(handler, message, payloadAck(message, respond));
      // Waiting for a handler that is done at once would let a burst queue up behind it.
      if (!isPromiseLike(taken)) return raise(sequenceNumbers, message.seqNum);
      return raiseAfter(taken, sequenceNumbers, message.seqNum);
    },
  };
}

/** What the handler throws at once, it rejects with. */
function take(
  handler: PayloadMessageHandler,
  message: PayloadMessage,
  ack: PayloadAck,
): unknown {
  try {
    return handler.processMessage(message, ack);
  } catch (error) {
    return Promise.reject(error);
  }
}

const DONE = Promise.resolve();

function payloadAck(message: PayloadMessage, respond: Respond): PayloadAck {
  let acknowledged = false;
  return (credentials) => {
    if (acknowledged) return DONE;
    const credentialsAcks = listOf(credentials).map((each) => credentialsAckOf(each, message));
    acknowledged = true;
    respond("AckRequest", ackRequestOf(message));
    for (const each of credentialsAcks) respond("IAMRoleCredentialsAckRequest", each);
    return DONE;
  };
}

/** Nothing, and an empty entry, count as none: handlers may be written in JavaScript. */
function listOf(
  credentials: readonly IAMRoleCredentialsAckRequest[] | undefined,
): readonly IAMRoleCredentialsAckRequest[] {
  const list = credentials ?? [];
  if (Array.isArray(list)) return list.filter((each) => typeof each === "object" && each !== null);
  throw new TypeError("ack takes a list, with one entry for each credentials, or nothing");
}

/** Only what the service asks for: credentials themselves have the same fields, and secret ones. */
function credentialsAckOf(
  given: IAMRoleCredentialsAckRequest,
  message: PayloadMessage,
): IAMRoleCredentialsAckRequest {
  const { expiration, credentialsId } = given;
  return {
    messageId: given.messageId ?? message.messageId,
    ...(expiration !== undefined && { expiration }),
    ...(credentialsId !== undefined && { credentialsId }),
  };
}

function raise(
  sequenceNumbers: SequenceNumberAccessor,
  seqNum: number | null | undefined,
): void | Promise<void> {
  if (typeof seqNum !== "number") return;
  if (seqNum <= latestSequenceNumber(sequenceNumbers)) return;
  return sequenceNumbers.setLatestSequenceNumber(seqNum);
}

/** Raises the number once the handler is done, taken or not. */
async function raiseAfter(
  taken: PromiseLike<unknown>,
  sequenceNumbers: SequenceNumberAccessor,
  seqNum: number | null | undefined,
): Promise<void> {
  const failures: unknown[] = [];
  const note = (error: unknown) => void failures.push(error);
  await Promise.resolve(taken).catch(note);
  await Promise.resolve().then(() => raise(sequenceNumbers, seqNum)).catch(note);
  if (failures.length > 1) throw new AggregateError(failures, "neither taken nor its number saved");
  if (failures.length > 0) throw failures[0];
}
