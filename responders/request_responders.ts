/**
 * Which responder answers which type of message.
 *
 * @module
 */

import { isReceivedMessageType } from "../protocol/message_types.ts";
import type { ReceivedMessages, ReceivedMessageType } from "../protocol/messages.ts";
import { oneLine } from "../internal/one_line.ts";
import { safeText } from "../internal/safe_get.ts";
import { isNativePromise, isPromiseLike } from "./promise_like.ts";
import type { RequestResponder, ResponderContext } from "./responder.ts";

/** How much of a responder's name is logged, in UTF-16 code units. */
const MAX_NAME_LENGTH = 100;

type Responders = { [T in ReceivedMessageType]?: RequestResponder<T> };

/** The responders, at most one for each type of message. */
export class RequestResponders {
  readonly #responders: Responders = {};

  /**
   * Registers a responder; a later one takes the place of an earlier one of the same type.
   *
   * @throws {RangeError} If the service sends no message of its type: a programming error.
   */
  add<T extends ReceivedMessageType>(responder: RequestResponder<T>): void {
    const type: T = responder.messageType;
    if (!isReceivedMessageType(type)) {
      throw new RangeError(`Cannot respond to "${type}": ACS sends no message of that type`);
    }
    const responders: { [K in T]?: RequestResponder<K> } = this.#responders;
    responders[type] = responder;
  }

  /** The name of who answers the type, for logs. */
  nameOf(type: ReceivedMessageType): string {
    return oneLine(safeText(this.#responders[type], "name") ?? type, MAX_NAME_LENGTH);
  }

  /** Whether anybody answers the type. */
  has(type: ReceivedMessageType): boolean {
    return this.#responders[type] !== undefined;
  }

  /**
   * Hands a message to its responder.
   *
   * @returns Settles when the responder is done; nothing if it is done at once, whatever it returned,
   * or if there is none.
   */
  handle<T extends ReceivedMessageType>(
    received: { readonly type: T; readonly message: ReceivedMessages[T] },
    context: ResponderContext,
  ): void | Promise<void> {
    const handled: unknown = this.#responders[received.type]
      ?.handleMessage(received.message, context);
    if (!isPromiseLike(handled)) return undefined;
    return isNativePromise(handled) ? handled : waitFor(handled);
  }
}

/** Waiting is safe whatever `then` does: what it throws rejects, and its first answer counts. */
async function waitFor(handled: PromiseLike<unknown>): Promise<void> {
  await handled;
}
