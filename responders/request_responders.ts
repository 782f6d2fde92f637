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
import {
  LANE_NAMES,
  type LaneName,
  type Redelivery,
  type RequestResponder,
  type ResponderContext,
} from "./responder.ts";

/** Maximum logged length of a responder's name, in UTF-16 code units. */
const MAX_NAME_LENGTH = 100;

const LANES: readonly string[] = [...LANE_NAMES, "none"];

const REDELIVERIES: readonly string[] = ["copy", "new"] satisfies Redelivery[];

type Responders = { [T in ReceivedMessageType]?: RequestResponder<T> };

/** The responders, at most one for each type of message. */
export class RequestResponders {
  readonly #responders: Responders = {};
  readonly #lanes: { [T in ReceivedMessageType]?: LaneName | "none" } = {};
  readonly #redeliveries: { [T in ReceivedMessageType]?: Redelivery } = {};

  /**
   * Registers a responder; it replaces an earlier one of the same type.
   *
   * @throws {RangeError} If the service sends no messages of its type, or its `lane` or `redelivery`
   * has an unknown value.
   */
  add<T extends ReceivedMessageType>(responder: RequestResponder<T>): void {
    const type: T = responder.messageType;
    if (!isReceivedMessageType(type)) {
      throw new RangeError(`Cannot respond to "${type}": ACS sends no messages of that type`);
    }
    const { lane = this.laneOf(type), redelivery = this.redeliveryOf(type) } = responder;
    requireOneOf(lane, LANES, `lane of the responder to ${type}`);
    requireOneOf(redelivery, REDELIVERIES, `redelivery of the responder to ${type}`);
    const responders: { [K in T]?: RequestResponder<K> } = this.#responders;
    responders[type] = responder;
    this.#lanes[type] = lane;
    this.#redeliveries[type] = redelivery;
  }

  /** The name of the type's responder, for logs. */
  nameOf(type: ReceivedMessageType): string {
    return oneLine(safeText(this.#responders[type], "name") ?? type, MAX_NAME_LENGTH);
  }

  /** The lane of the type's messages; `"none"` if they are handled on arrival. */
  laneOf(type: ReceivedMessageType): LaneName | "none" {
    return this.#lanes[type] ?? "other";
  }

  /** What it means if a message of the type is redelivered under the same id. */
  redeliveryOf(type: ReceivedMessageType): Redelivery {
    return this.#redeliveries[type] ?? "copy";
  }

  /** Whether the type has a responder. */
  has(type: ReceivedMessageType): boolean {
    return this.#responders[type] !== undefined;
  }

  /**
   * Calls the responder of a message.
   *
   * @returns Settles when the responder is done; nothing if it is already done, whatever it returned,
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

function requireOneOf(value: string, values: readonly string[], what: string): void {
  if (values.includes(value)) return;
  throw new RangeError(`The ${what} is "${value}"; it must be one of ${values.join(", ")}`);
}

/**
 * Awaiting it is safe whatever `then` does: if it throws, the promise rejects, and only its first
 * answer counts.
 */
async function waitFor(handled: PromiseLike<unknown>): Promise<void> {
  await handled;
}
