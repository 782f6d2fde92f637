/**
 * Rules that several kinds of message share.
 *
 * @module
 */

import type { AckRequest } from "../protocol/messages.ts";
import { InvalidMessageError } from "./invalid_message_error.ts";

/**
 * Requires a non-empty string.
 *
 * @param value The field's value.
 * @param name The field's name, for the error.
 * @returns The string.
 * @throws {InvalidMessageError} If it is missing, null or empty.
 */
export function requireText(value: string | null | undefined, name: string): string {
  if (!value) throw new InvalidMessageError(`${name} is missing or empty`, name);
  return value;
}

/** The fields in the acknowledgement of most messages. */
export interface AckableMessage {
  /** The message's id. */
  readonly messageId?: string | null;
  /** The cluster. */
  readonly clusterArn?: string | null;
  /** The container instance. */
  readonly containerInstanceArn?: string | null;
}

/**
 * Requires the fields of an acknowledgement.
 *
 * @throws {InvalidMessageError} If messageId, clusterArn or containerInstanceArn is missing.
 */
export function requireAckable(message: AckableMessage): void {
  requireText(message.messageId, "messageId");
  requireText(message.clusterArn, "clusterArn");
  requireText(message.containerInstanceArn, "containerInstanceArn");
}

/** The largest time value that a Date can hold, in ms since the epoch. */
const LAST_MOMENT_MS = 8.64e15;

/**
 * When the service stops waiting for something.
 *
 * @param receivedAt When its message was received, in ms since the epoch.
 * @param waitTimeoutMs How long it waits, in ms, as the message says.
 * @returns Always a valid date: for a time out of range, the latest or the earliest possible date.
 */
export function expiryOf(receivedAt: number, waitTimeoutMs: number): Date {
  const expiresAt = receivedAt + waitTimeoutMs;
  return new Date(Math.max(-LAST_MOMENT_MS, Math.min(LAST_MOMENT_MS, expiresAt)));
}

/** The acknowledgement of a message, with the message's own values. */
export function ackRequestOf(message: AckableMessage): AckRequest {
  return {
    cluster: message.clusterArn,
    containerInstance: message.containerInstanceArn,
    messageId: message.messageId,
  };
}
