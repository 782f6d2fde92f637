/**
 * Sends a message whose type and content are input.
 *
 * @module
 */

import { expectedAnswer } from "../../protocol/answers.ts";
import type { ReceivedMessageType } from "../../protocol/messages.ts";
import type { PostedMessage } from "../acs/outbox.ts";
import type { SendOptions } from "../acs/send_options.ts";
import type { EmulatorService } from "../emulator_service.ts";
import { sendExactly, sendMessage } from "../send_message.ts";
import { messageInput } from "./message_input.ts";

/**
 * Sends a message.
 *
 * @param service The service.
 * @param type The message's type.
 * @param content The message; it has been checked.
 * @param options The recipient, whether the message is sent unchanged (`exact`), and whether it is
 * sent without the side effects of its type (`plain`).
 * @returns The handle; `undefined` for a message that agents do not answer, unless sent unchanged.
 */
export function sendTyped<T extends ReceivedMessageType>(
  service: EmulatorService,
  type: T,
  content: unknown,
  { exact, plain, ...options }: SendOptions & { readonly exact: boolean; readonly plain: boolean },
): PostedMessage | undefined {
  const message = messageInput(type, { anyField: exact || plain }).parse(content);
  if (exact) return sendExactly(service, type, message, options);
  const posted = plain
    ? service.post(type, message, options)
    : sendMessage(service, type, message, options);
  return expectedAnswer(type) === undefined ? undefined : posted;
}
