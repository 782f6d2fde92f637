/**
 * The context of a responder in a test, and what the responder did with it.
 *
 * @module
 */

import assert from "node:assert/strict";
import { InvalidMessageError } from "../../../responders/invalid_message_error.ts";
import type { RequestResponder, ResponderContext } from "../../../responders/responder.ts";
import type {
  ReceivedMessages,
  ReceivedMessageType,
  SentMessageType,
} from "../../../protocol/messages.ts";

/** When messages are received in tests, in ms since the epoch. */
export const RECEIVED_AT: number = Date.UTC(2026, 0, 1);

/** One answer. */
export interface SentMessage {
  /** The message's type. */
  readonly type: SentMessageType;
  /** The message. */
  readonly message: object;
}

/** A responder's context that records everything. */
export interface RecordingContext extends ResponderContext {
  /** Every answer so far, in order. */
  readonly sent: readonly SentMessage[];
  /** The work that was left to the background. */
  readonly work: readonly Promise<void>[];
}

/** Creates a context that records everything. */
export function recordingContext(): RecordingContext {
  const sent: SentMessage[] = [];
  const work: Promise<void>[] = [];
  return {
    sent,
    work,
    receivedAt: RECEIVED_AT,
    respond: (type, message) => void sent.push({ type, message }),
    background: (each) => void work.push(Promise.resolve().then(each).then(() => {})),
  };
}

/**
 * Makes a responder handle a message, valid or not.
 *
 * @returns What it did, once the message is handled.
 */
export async function handle<T extends ReceivedMessageType>(
  responder: RequestResponder<T>,
  message: ReceivedMessages[T],
): Promise<RecordingContext> {
  const context = recordingContext();
  await responder.handleMessage(message, context);
  return context;
}

/** Asserts that a message is invalid: nothing is answered, and nothing is started. */
export async function assertInvalid<T extends ReceivedMessageType>(
  responder: RequestResponder<T>,
  message: ReceivedMessages[T],
  expected: RegExp,
): Promise<void> {
  const context = recordingContext();
  await assert.rejects(async () => await responder.handleMessage(message, context), (error) => {
    assert.ok(error instanceof InvalidMessageError, `${error} is not an InvalidMessageError`);
    assert.equal(error.name, "InvalidMessageError");
    assert.equal(error.retryable, false);
    assert.match(error.message, expected);
    return true;
  });
  assert.deepEqual(context.sent, []);
  assert.deepEqual(context.work, []);
}
