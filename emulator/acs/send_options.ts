/**
 * How a message is sent.
 *
 * @module
 */

import type { ReceivedMessages, ReceivedMessageType } from "../../protocol/messages.ts";
import type { PostedMessage } from "./outbox.ts";

/** Where a message goes. */
export interface SendOptions {
  /**
   * The container instance to send to.
   *
   * @default The message's own `containerInstanceArn`, else the instance that connected last.
   */
  readonly containerInstanceArn?: string | undefined;
}

/** How the service posts a message. */
export interface PostOptions extends SendOptions {
  /** Whether the message is sent unchanged: no missing field is filled in. */
  readonly exact?: boolean;
}

/** Sends a message, or queues it. */
export type Post = <T extends ReceivedMessageType>(
  type: T,
  message: ReceivedMessages[T],
  to: SendOptions,
) => PostedMessage;
