/**
 * Handles payloads: the tasks to start, change or stop.
 *
 * @module
 */

import type { IAMRoleCredentialsAckRequest, PayloadMessage } from "../protocol/messages.ts";
import { isPromiseLike } from "./promise_like.ts";
import type { CredentialsManager } from "./credentials_manager.ts";
import {
  removeTasksCredentials,
  stoppedTasksOf,
  storePayloadCredentials,
} from "./payload_credentials.ts";
import type { RequestResponder, Respond, ResponderContext } from "./responder.ts";
import { ackRequestOf, requireAckable } from "./rules.ts";
import { latestSequenceNumber, type SequenceNumberAccessor } from "./sequence_number.ts";
import type { StoppedTasks } from "./stopped_tasks.ts";

/**
 * Acknowledges a payload. Call it once every task has been accepted; a second call does nothing.
 *
 * @param credentials Which credentials of the payload's tasks to acknowledge. Default: those that
 * the session stored before it called the handler. A list, even an empty one, replaces them; each
 * credentials id is acknowledged once, and only the fields of an acknowledgement are sent. If
 * `messageId` is missing, it is the payload's.
 * @returns Settles when the acknowledgements are handed to the connection; never rejects, since the
 * service resends the payload if they get lost.
 * @throws {TypeError} If it is called with anything but a list; nothing is acknowledged then.
 */
export type PayloadAck = (
  credentials?: readonly IAMRoleCredentialsAckRequest[],
) => Promise<void>;

/** The agent's handler of payloads. */
export interface PayloadMessageHandler {
  /**
   * Accepts the tasks of a payload and calls `ack` if it has accepted every one. Must be
   * idempotent: a payload whose acknowledgement got lost is redelivered. Throwing means that the
   * payload is not accepted.
   *
   * @param message The payload.
   * @param ack Acknowledges it.
   */
  processMessage(message: PayloadMessage, ack: PayloadAck): void | Promise<void>;
}

/** The other dependencies of the payload responder. */
export interface PayloadResponderOptions {
  /**
   * Raised to the payload's seqNum, whether or not it is accepted, so that a manifest created
   * before the payload is recognized as out of date.
   */
  readonly sequenceNumbers: SequenceNumberAccessor;
  /**
   * Stores the credentials in a payload before the handler is called. Default: the handler stores
   * and acknowledges them itself.
   */
  readonly credentialsManager?: CredentialsManager | undefined;
  /** Gets the tasks that payloads stop; their credentials are not stored any more. */
  readonly stoppedTasks?: StoppedTasks | undefined;
}

/**
 * Passes payloads to the agent.
 *
 * @param handler The agent's handler.
 * @param options What else it uses.
 * @returns The responder.
 */
export function payloadResponder(
  handler: PayloadMessageHandler,
  { sequenceNumbers, credentialsManager, stoppedTasks }: PayloadResponderOptions,
): RequestResponder<"PayloadMessage"> {
  const take = (message: PayloadMessage, { respond, background }: ResponderContext): unknown => {
    if (credentialsManager === undefined) {
      return handler.processMessage(message, payloadAck(message, respond, []));
    }
    const manager = credentialsManager;
    const onAcknowledged = () => {
      const stopped = stoppedTasksOf(message);
      if (stopped.length === 0) return;
      stoppedTasks?.add(stopped);
      background(() => removeTasksCredentials(stopped, manager));
    };
    const handOver = (stored: readonly IAMRoleCredentialsAckRequest[]) =>
      handler.processMessage(message, payloadAck(message, respond, stored, onAcknowledged));
    const stored = storePayloadCredentials(message, manager, stoppedTasks);
    return isPromiseLike(stored) ? stored.then(handOver) : handOver(stored);
  };
  return {
    name: "payload responder",
    messageType: "PayloadMessage",
    lane: "payload",
    handleMessage(message, context) {
      requireAckable(message);
      const taken = attempt(() => take(message, context));
      // Awaiting a handler that is already done would let a burst queue up behind it.
      if (!isPromiseLike(taken)) return raise(sequenceNumbers, message.seqNum);
      return raiseAfter(taken, sequenceNumbers, message.seqNum);
    },
  };
}

/** Turns a synchronous throw into a rejection. */
function attempt(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return Promise.reject(error);
  }
}

const DONE = Promise.resolve();

/**
 * No payload has credentials of more tasks. Our choice: ECS itself sends at most ten tasks at a
 * time.
 */
const MAX_ACKNOWLEDGED = 100_000;

function payloadAck(
  message: PayloadMessage,
  respond: Respond,
  stored: readonly IAMRoleCredentialsAckRequest[],
  onAcknowledged: () => void = () => {},
): PayloadAck {
  let acknowledged = false;
  return (credentials) => {
    if (acknowledged) return DONE;
    const credentialsAcks = credentialsAcksOf(credentials ?? stored, message);
    acknowledged = true;
    respond("AckRequest", ackRequestOf(message));
    for (const each of credentialsAcks) respond("IAMRoleCredentialsAckRequest", each);
    onAcknowledged();
    return DONE;
  };
}

function credentialsAcksOf(
  credentials: readonly IAMRoleCredentialsAckRequest[],
  message: PayloadMessage,
): readonly IAMRoleCredentialsAckRequest[] {
  const given = listOf(credentials);
  if (given.length === 0) return given;
  return withoutRepeats(given).map((each) => credentialsAckOf(each, message));
}

/** An empty entry is skipped: handlers may be written in JavaScript. */
function listOf(
  credentials: readonly IAMRoleCredentialsAckRequest[],
): readonly IAMRoleCredentialsAckRequest[] {
  if (Array.isArray(credentials) && credentials.length <= MAX_ACKNOWLEDGED) {
    if (credentials.length === 0) return credentials;
    return credentials.filter((each) => typeof each === "object" && each !== null);
  }
  throw new TypeError(
    `ack accepts a list of at most ${MAX_ACKNOWLEDGED}, with one entry per credentials, or nothing`,
  );
}

/** Two tasks may share credentials; the service expects one acknowledgement per id. */
function withoutRepeats(
  credentials: readonly IAMRoleCredentialsAckRequest[],
): readonly IAMRoleCredentialsAckRequest[] {
  if (credentials.length < 2) return credentials;
  const ids = new Set<string>();
  return credentials.filter(({ credentialsId }) => {
    if (!credentialsId) return true;
    if (ids.has(credentialsId)) return false;
    ids.add(credentialsId);
    return true;
  });
}

/**
 * Only the fields that the service expects: credentials themselves have the same fields, and secret
 * ones.
 */
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

/** Raises the number once the handler is done, whether or not the payload was accepted. */
async function raiseAfter(
  taken: PromiseLike<unknown>,
  sequenceNumbers: SequenceNumberAccessor,
  seqNum: number | null | undefined,
): Promise<void> {
  const failures: unknown[] = [];
  try {
    await taken;
  } catch (error) {
    failures.push(error);
  }
  try {
    const raised = raise(sequenceNumbers, seqNum);
    // Each await delays the next payload of a burst, and usually there is nothing to wait for.
    if (raised !== undefined) await raised;
  } catch (error) {
    failures.push(error);
  }
  if (failures.length > 1) {
    throw new AggregateError(
      failures,
      "the payload was not accepted, and its sequence number could not be saved",
    );
  }
  if (failures.length > 0) throw failures[0];
}
