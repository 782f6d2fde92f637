/**
 * Sends a message of any type, the way the service sends that type.
 *
 * @module
 */

import type { ReceivedMessages, ReceivedMessageType } from "../protocol/messages.ts";
import type { PostedMessage } from "./acs/outbox.ts";
import type { SendOptions } from "./acs/send_options.ts";
import type { EmulatorService } from "./emulator_service.ts";

/** A message with its type. */
export type TypedMessage<T extends ReceivedMessageType = ReceivedMessageType> = {
  readonly [K in T]: { readonly type: K; readonly message: ReceivedMessages[K] };
}[T];

type Send<T extends ReceivedMessageType> = (
  service: EmulatorService,
  message: ReceivedMessages[T],
  options: SendOptions,
) => PostedMessage;

/** The types for which the service does more than complete and send them. */
const SENDS: { readonly [T in ReceivedMessageType]?: Send<T> } = {
  IAMRoleCredentialsMessage: (service, ...rest) => service.sendCredentials(...rest),
  TaskManifestMessage: (service, ...rest) => service.sendTaskManifest(...rest),
};

/**
 * Sends a message immediately if the agent is connected, and otherwise when it connects.
 *
 * @param service Sends it.
 * @param type The message's type.
 * @param message The message. Missing fields that the service itself would fill in are filled in.
 * @param options Where it goes.
 * @returns The handle; its `acked` never settles for a type that agents do not answer.
 */
export function sendMessage<T extends ReceivedMessageType>(
  service: EmulatorService,
  type: T,
  message: ReceivedMessages[T],
  options: SendOptions = {},
): PostedMessage {
  const send: Send<T> | undefined = SENDS[type];
  return send?.(service, message, options) ?? service.post(type, message, options);
}

/**
 * Sends a message unchanged, complete or not.
 *
 * @param service Sends it.
 * @param type The message's type.
 * @param message The message.
 * @param options Where it goes.
 * @returns The handle; its `acked` never settles for a type that agents do not answer.
 */
export function sendExactly<T extends ReceivedMessageType>(
  service: EmulatorService,
  type: T,
  message: ReceivedMessages[T],
  options: SendOptions = {},
): PostedMessage {
  return service.post(type, message, { ...options, exact: true });
}
